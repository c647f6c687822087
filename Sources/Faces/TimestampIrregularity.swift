/// How an accepted timestamp field differs from 17 digits, a dot and an image extension.
///
/// UTKFace itself has a handful of each of the first three kinds.
package enum TimestampIrregularity: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// Year to millisecond are 17 digits; this field begins with another number of them.
  case digitCount(Int)
  /// Blank, tab or line break somewhere after the digits.
  case blank
  /// The digits run into something else than a dot.
  case missingDot
  /// The field ends without `.jpg`, `.jpeg` or `.png`.
  case missingExtension

  package var description: String {
    switch self {
    case .digitCount(let count): "expected a timestamp of 17 digits, got \(count)"
    case .blank: "expected no blank after the timestamp"
    case .missingDot: "expected a dot after the timestamp"
    case .missingExtension: "expected the name to end in .jpg, .jpeg or .png"
    }
  }

  /// The first irregularity of a field that begins with a digit, or nil.
  init?(of field: some BidirectionalCollection<UInt8>) {
    let digits = field.prefix(while: isDigit)
    let rest = field.dropFirst(digits.count)
    if digits.count != 17 {
      self = .digitCount(digits.count)
    } else if rest.contains(where: isBlank) {
      self = .blank
    } else if rest.isEmpty {
      self = .missingExtension
    } else if rest.first != UInt8(ascii: ".") {
      self = .missingDot
    } else if !hasImageExtension(rest) {
      self = .missingExtension
    } else {
      return nil
    }
  }
}

/// Whether a name ends in `.jpg`, `.jpeg` or `.png`, in any case.
func hasImageExtension(_ name: some BidirectionalCollection<UInt8>) -> Bool {
  guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
  return isImageExtension(name[name.index(after: dot)...])
}

func isImageExtension(_ letters: some Collection<UInt8>) -> Bool {
  guard letters.count == 3 || letters.count == 4 else { return false }
  let lower = letters.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  return lower == Array("jpg".utf8) || lower == Array("jpeg".utf8) || lower == Array("png".utf8)
}
