import Spooling

/// The first 16 bytes of a cryptographic hash of a file's content.
public struct ContentHash: Hashable, Comparable, BitwiseCopyable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// - Parameter digest: at least 16 bytes, such as a SHA-256; the first 16 are taken.
  public init(digest: some Sequence<UInt8>) {
    var words: [UInt64] = [0, 0]
    var count = 0
    for byte in digest.prefix(16) {
      words[count / 8] = words[count / 8] << 8 | UInt64(byte)
      count += 1
    }
    precondition(count == 16, "a content hash has at least 16 bytes, got \(count)")
    self.init(high: words[0], low: words[1])
  }

  public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

/// What the split needs to know of a file. Files are given in path order.
public struct SplitFile: BitwiseCopyable, Sendable {
  public let content: ContentHash
  /// The caller's number of the file; it grows with the path.
  public let file: UInt32
  public let labels: FaceLabels

  public init(content: ContentHash, file: UInt32, labels: FaceLabels) {
    self.content = content
    self.file = file
    self.labels = labels
  }
}

/// A file that is on one side of the split.
public struct SplitSample: BitwiseCopyable, Equatable, Sendable {
  /// The caller's number of the file.
  public let file: UInt32
  public let labels: FaceLabels
}

/// A split: the samples of each side in the seeded, shuffled order of the store.
public struct SplitPlan: Sendable {
  public let train: SpooledList<SplitSample>
  public let validation: SpooledList<SplitSample>
  public let duplicates: DuplicateReport
}

/// What was found about files of identical bytes, whatever the policy.
public struct DuplicateReport: Codable, Equatable, Sendable {
  /// Groups of at least two files with the same bytes.
  public var groups = 0
  /// Files in these groups.
  public var files = 0
  /// Groups whose files do not all have the same labels.
  public var conflictingGroups = 0
  /// Files that the policy left out.
  public var leftOut = 0

  public init() {}

  enum CodingKeys: String, CodingKey {
    case groups, files
    case conflictingGroups = "conflicting_groups"
    case leftOut = "left_out"
  }
}
