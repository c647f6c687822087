import Checksums
import Experiment
import Terminal

/// Turns the texts of a label file, or the names of folders, into the values of a column.
struct LabelCoding: Sendable {
  let settings: ColumnSettings
  let column: Column
  /// By text, the number of the class.
  private let classes: [String: Int]
  private let missing: Set<String>

  /// What programs write for a number that is not known.
  private static let missingNumbers: Set<String> = ["na", "n/a", "nan", "null", "none"]

  /// - Throws: `ColumnError`.
  init(_ settings: ColumnSettings) throws(ColumnError) {
    self.settings = settings
    column = try settings.column()
    let texts = settings.texts.isEmpty ? settings.classes : settings.texts
    classes = Dictionary(
      texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    missing = Set(settings.missing)
  }

  /// Whether a text says that the value of a number is not known.
  static func isMissingNumber(_ text: String) -> Bool {
    text.utf8.count <= 4 && missingNumbers.contains(text.lowercased())
  }

  /// A finite decimal number: not hexadecimal, which Swift reads too.
  static func number(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// The value of a text; nil where it is missing.
  ///
  /// - Parameter text: nil for nothing at all.
  func value(of text: String?) -> Result<ColumnValue?, NameReject> {
    guard let text, !missing.contains(text) else { return .success(nil) }
    let value = column.kind == .number ? number(text) : self.class(text)
    // A label file cannot mean a value that stands for none.
    if case .success(let known?) = value, known == column.missing {
      return reject(
        .outOfRange,
        "expected the \(column.name) to be another number than \(known), which the "
          + "store uses for a missing one; choose a larger type in columns:")
    }
    return value
  }

  private func number(_ text: String) -> Result<ColumnValue?, NameReject> {
    if Self.isMissingNumber(text) { return .success(nil) }
    guard let number = Self.number(text) else {
      return reject(.notANumber, "expected a number for the \(column.name), got \(quoted(text))")
    }
    guard number >= column.minimum ?? -.infinity, number <= column.maximum ?? .infinity else {
      return reject(
        .outOfRange,
        "expected the \(column.name) to be \(plain(column.minimum ?? -.infinity)) to "
          + "\(plain(column.maximum ?? .infinity)), got \(quoted(text))")
    }
    let value: ColumnValue? =
      switch column.element {
      case .float32: Float(number).isFinite ? .float(Float(number)) : nil
      case .int32: Int32(exactly: number).map { .signed(Int64($0)) }
      default: UInt64(exactly: number).map { .unsigned($0) }
      }
    guard let value, value.fits(column.element) else {
      return reject(
        .outOfRange, "expected the \(column.name) to be a \(column.element), got \(quoted(text))")
    }
    return .success(value)
  }

  private func `class`(_ text: String) -> Result<ColumnValue?, NameReject> {
    let count = column.classNames.count
    if let number = classes[text] { return .success(value(number)) }
    let number = Int(text)
    if count > 0 {
      // A file may have the numbers of classes whose names only columns: knows.
      if settings.texts.isEmpty, let number, (0..<count).contains(number) {
        return .success(value(number))
      }
      let near = nearestName(to: text, in: Array(classes.keys.sorted().prefix(1000)))
      return reject(
        .outOfRange,
        "expected a class of \(column.name), got \(quoted(text))"
          + (near.map { "; did you mean \(quoted($0))?" } ?? ""))
    }
    if let number, number >= 0, value(number).fits(column.element) {
      return .success(value(number))
    }
    guard column.role == .group, column.element == .uint64 else {
      return reject(
        .notANumber,
        "expected the number of a class for the \(column.name), got \(quoted(text)); "
          + "name the classes in columns:")
    }
    // Numbered by its name, above all numbers that are written as such.
    let hash = Array(text.utf8).withUnsafeBufferPointer { SipHash.hash($0, key0: 0, key1: 0) }
    return .success(.unsigned(1 << 63 | hash >> 2))
  }

  private func value(_ number: Int) -> ColumnValue {
    column.element == .int32 ? .signed(Int64(number)) : .unsigned(UInt64(number))
  }

  private func plain(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  private func reject<T>(_ reason: RejectReason, _ message: String) -> Result<T, NameReject> {
    .failure(NameReject(reason: reason, description: message))
  }
}
