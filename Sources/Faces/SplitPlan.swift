import Checksums
import Files

/// The first 16 bytes of a cryptographic hash of a file's content.
package struct ContentHash: Hashable, Comparable, BitwiseCopyable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// - Parameter digest: at least 16 bytes, such as a SHA-256; the first 16 are taken.
  package init(digest: UnsafeRawBufferPointer) {
    precondition(digest.count >= 16, "a content hash has at least 16 bytes, got \(digest.count)")
    self.init(
      high: UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  package static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

/// What the split needs to know of a file. Files are given in path order.
package struct SplitFile: BitwiseCopyable, Sendable {
  package let content: ContentHash
  /// The caller's number of the file; it grows with the path.
  package let file: UInt32
  /// The number of the split that a split file says; nil where there is no such file.
  package let assigned: UInt8?
  /// Equal for files with equal labels.
  package let labels: UInt64
  /// See `Stratifier`.
  package let stratum: UInt64

  package init(
    content: ContentHash, file: UInt32, labels: UInt64, stratum: UInt64, assigned: UInt8? = nil
  ) {
    self.content = content
    self.file = file
    self.labels = labels
    self.stratum = stratum
    self.assigned = assigned
  }

  /// - Parameter row: the labels as `LabelRow` has them.
  package init(
    content: ContentHash, file: UInt32, row: UnsafeRawBufferPointer, by stratifier: Stratifier,
    assigned: UInt8? = nil
  ) {
    self.init(
      content: content, file: file,
      labels: row.withMemoryRebound(to: UInt8.self) { SipHash.hash($0, key0: 0, key1: 0) },
      stratum: stratifier.stratum(of: row), assigned: assigned)
  }
}

/// A file that is in a split.
package struct SplitSample: BitwiseCopyable, Equatable, Sendable {
  /// The caller's number of the file.
  package let file: UInt32
  /// The fold of a file of the training split; 0 where there are no folds.
  package let fold: UInt8
}

/// A split: its samples in the seeded, shuffled order of the store.
package struct PlannedSplit: Sendable {
  package let name: String
  package let samples: SpooledList<SplitSample>
}

package struct SplitPlan: Sendable {
  /// The training split first.
  package let splits: [PlannedSplit]
  package let duplicates: DuplicateReport
}

/// What was found about files of identical bytes, whatever the policy.
package struct DuplicateReport: Codable, Equatable, Sendable {
  /// Groups of at least two files with the same bytes.
  package var groups = 0
  /// Files in these groups.
  package var files = 0
  /// Groups whose files do not all have the same labels.
  package var conflictingGroups = 0
  /// Files that the policy left out.
  package var leftOut = 0

  package init() {}

  enum CodingKeys: String, CodingKey {
    case groups, files
    case conflictingGroups = "conflicting_groups"
    case leftOut = "left_out"
  }
}
