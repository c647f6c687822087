/// A fair sample of the photographs of a split, small enough for a weight file: the ones with the
/// least hashes. It tells how many of them are in another split, whatever that one's store.
///
/// A share of 1 in 200 of the split is noticed with a probability of 99 in 100; of a split of at
/// most `limit` photographs, each one.
package struct SourceSample: Sendable, Equatable {
  /// The first 8 bytes of each hash, ascending.
  package let prefixes: [UInt64]
  /// Samples of the split.
  package let count: Int

  package static let limit = 1024

  package init(of sources: [SourceHash]) {
    prefixes = Array(Set(sources.map(\.prefix)).sorted().prefix(Self.limit))
    count = sources.count
  }

  /// Whether the sample is the split itself, so that every figure is exact.
  package var isWhole: Bool { prefixes.count < Self.limit }

  /// How many samples of the split are about in `sources`: exact where all are in the sample.
  package func overlap(with sources: [SourceHash]) -> Int {
    guard !prefixes.isEmpty else { return 0 }
    let known = Set(prefixes)
    let found = Set(sources.map(\.prefix)).intersection(known).count
    guard found > 0 else { return 0 }
    return max(1, Int((Double(found) / Double(prefixes.count) * Double(count)).rounded()))
  }

  /// The count and the prefixes in hexadecimal, separated by spaces.
  package var text: String {
    (["\(count)"] + prefixes.map { String($0, radix: 16) }).joined(separator: " ")
  }

  /// Reads what `text` wrote; nil where it is something else.
  package init?(text: String) {
    let words = text.split(separator: " ", maxSplits: Self.limit + 1)
    guard let first = words.first, let count = Int(first), count >= 0 else { return nil }
    let prefixes = words.dropFirst().compactMap { UInt64($0, radix: 16) }
    guard prefixes.count == words.count - 1, prefixes.count <= Self.limit else { return nil }
    self.prefixes = prefixes
    self.count = count
  }
}
