import Images
import Photographs

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
    case .missingExtension: "expected the name to end in .jpg, .jpeg, .png or the like"
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

/// Whether a name ends like that of an image that is read, in any case.
private func hasImageExtension(_ name: some BidirectionalCollection<UInt8>) -> Bool {
  guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
  return ImageFormat.isRead(extension: Array(name[name.index(after: dot)...])[...])
}
