import Photographs

/// A UTKFace file name that passes the four-field rule.
///
/// ```swift
/// let name = try FaceFileName.parse("25_0_1_20170101000000000.jpg").get()
/// name.labels.age  // 25
/// ```
///
/// The base name, split at "_", gives exactly four fields: age, gender and race in digits and in
/// range, and a timestamp that begins with digits. That is what the article's
/// `len(filename.split("_")) == 4` followed by `int(…)` accepts, minus what crashes it there (an
/// empty field) and minus the blanks and signs that Python's `int` tolerates.
package struct FaceFileName: Equatable, Sendable {
  package let labels: FaceLabels
  /// Set where the timestamp is accepted although it is not of the usual form.
  package let irregularity: TimestampIrregularity?

  /// Parses a base name.
  ///
  /// - Parameters:
  ///   - baseName: the last component of a path, with its extension; any content and length.
  ///   - strict: rejects an irregular timestamp instead of reporting it.
  package static func parse(_ baseName: String, strict: Bool = false) -> Result<Self, NameReject> {
    var name = baseName
    return name.withUTF8 { parse(bytes: $0, strict: strict) }
  }

  /// Parses a base name given as the bytes of the file system, which need not be UTF-8.
  package static func parse(
    bytes: UnsafeBufferPointer<UInt8>, strict: Bool = false
  ) -> Result<Self, NameReject> {
    let underscores = bytes.reduce(0) { $0 + ($1 == UInt8(ascii: "_") ? 1 : 0) }
    guard underscores == 3 else {
      return reject(
        .fieldCount,
        "expected 4 fields separated by \"_\" (age_gender_race_timestamp), got \(underscores + 1)")
    }
    let fields = bytes.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    let fieldNames = ["age", "gender", "race", "timestamp"]
    for (name, field) in zip(fieldNames, fields) where field.isEmpty {
      return reject(.emptyField, "expected digits for the \(name), got an empty field")
    }
    var values: [UInt8] = []
    for (label, field) in zip(LabelField.allCases, fields) {
      switch parse(field, label) {
      case .success(let value): values.append(value)
      case .failure(let failure): return .failure(failure)
      }
    }
    guard isDigit(fields[3].first!) else {
      return reject(
        .notANumber, "expected a timestamp that begins with digits, got \(quoted(fields[3]))")
    }
    let irregularity = TimestampIrregularity(of: fields[3])
    if strict, let irregularity {
      return reject(.irregularTimestamp, "\(irregularity), got \(quoted(fields[3]))")
    }
    let labels = FaceLabels(unchecked: values[0], values[1], values[2])
    return .success(Self(labels: labels, irregularity: irregularity))
  }

  /// One label field: ASCII digits only, leading zeros allowed, value in range.
  private static func parse(
    _ field: Slice<UnsafeBufferPointer<UInt8>>, _ label: LabelField
  ) -> Result<UInt8, NameReject> {
    guard field.allSatisfy(isDigit) else {
      return reject(
        .notANumber, "expected the \(label.rawValue) in digits, got \(quoted(field))")
    }
    var value = 0
    for digit in field {
      // Saturates: a field of a million digits must neither overflow nor wrap into the range.
      value = min(value * 10 + Int(digit - UInt8(ascii: "0")), 1_000_000)
    }
    guard label.range.contains(value) else {
      return reject(
        .outOfRange,
        "expected the \(label.rawValue) to be \(label.range.lowerBound) to "
          + "\(label.range.upperBound), got \(quoted(field))")
    }
    return .success(UInt8(value))
  }

  private static func reject<T>(
    _ reason: RejectReason, _ message: String
  ) -> Result<T, NameReject> {
    .failure(NameReject(reason: reason, description: message))
  }
}

/// Bytes of a hostile name in quotes: printable ASCII as it is, other bytes as `\xNN`, cut after
/// 40 bytes.
func quoted(_ bytes: some Collection<UInt8>) -> String {
  let hexDigits = Array("0123456789ABCDEF")
  var text = "\""
  for byte in bytes.prefix(40) {
    if byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
      text.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      text += "\\x\(hexDigits[Int(byte >> 4)])\(hexDigits[Int(byte & 15)])"
    }
  }
  return text + (bytes.count > 40 ? "…\" (\(bytes.count) bytes)" : "\"")
}
