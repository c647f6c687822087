import Checksums

/// Which share of a source's photographs one process reads: those whose path's hash modulo `count`
/// is `number`.
package struct PartNumber: Equatable, Sendable {
  package let number: Int
  package let count: Int

  /// A merge keeps one file of every part open.
  package static let largestCount = 10_000

  package init(_ number: Int, of count: Int) {
    precondition(
      count <= Self.largestCount && (0..<count).contains(number), "a part is below \(count)")
    (self.number, self.count) = (number, count)
  }

  /// Reads `3/16`; nil for anything else.
  package init?(_ text: String) { self.init(text, separator: "/") }

  /// Reads the name of a part's folder, `3-of-16`; nil for anything else.
  init?(folder name: some StringProtocol) {
    self.init(String(name), separator: Self.folderSeparator)
  }

  private init?(_ text: String, separator: String) {
    let numbers = text.split(separator: separator, omittingEmptySubsequences: false).map { text in
      // One way to write a number, so that no two names are of one part.
      Int(text).flatMap { "\($0)" == text ? $0 : nil }
    }
    guard numbers.count == 2, let number = numbers[0], let count = numbers[1],
      (1...Self.largestCount).contains(count), (0..<count).contains(number)
    else { return nil }
    self.init(number, of: count)
  }

  /// Whether a photograph is of this part.
  func holds(_ hash: UInt64) -> Bool { hash % UInt64(count) == UInt64(number) }

  /// The part's folder below that of all parts.
  var folderName: String { "\(number)\(Self.folderSeparator)\(count)" }
  private static let folderSeparator = "-of-"
}
