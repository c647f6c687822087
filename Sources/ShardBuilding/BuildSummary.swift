import FaceDataset
import ShardStore

/// What a build did.
public struct BuildSummary: Sendable {
  public var output = ""
  public var found = 0
  /// Files that are neither JPEG nor PNG by name.
  public var ignored = 0
  public var accepted = 0
  /// Accepted by name and content, but left out by `--duplicates first` or `drop`.
  public var leftOut = 0
  public var rejected: [RejectReason: Int] = [:]
  /// Accepted names with an unusual timestamp.
  public var irregularNames = 0
  public var duplicates = DuplicateReport()
  public var notices: [String] = []
  /// Samples by split, in the store's order.
  public var splits: [(name: String, samples: Int)] = []
  /// Bytes of the samples as raw pixels, of the source files, and of all files of the store.
  public var rawByteCount = 0
  public var sourceByteCount = 0
  public var storeByteCount = 0
  /// Samples that an earlier, interrupted build had finished.
  public var resumedSamples = 0
  /// The store was there already, from the same input and options.
  public var isUnchanged = false
  public var rejectsPath: String?
  public var seconds = 0.0

  public var rejectedCount: Int { rejected.values.reduce(0, +) }
  /// Of the samples that this run made.
  public var imagesPerSecond: Double {
    isUnchanged || seconds <= 0 ? 0 : Double(accepted - leftOut - resumedSamples) / seconds
  }

  /// The machine-readable form, for `--json`.
  public var json: JSONValue {
    var reasons: [String: JSONValue] = [:]
    for (reason, count) in rejected { reasons[reason.rawValue] = .integer(count) }
    return .object([
      "output": .string(output), "found": .integer(found), "ignored": .integer(ignored),
      "accepted": .integer(accepted), "left_out": .integer(leftOut), "rejected": .object(reasons),
      "rejected_total": .integer(rejectedCount), "irregular_timestamps": .integer(irregularNames),
      "duplicates": [
        "groups": .integer(duplicates.groups), "files": .integer(duplicates.files),
        "conflicting_groups": .integer(duplicates.conflictingGroups),
      ],
      "splits": .object(
        Dictionary(splits.map { ($0.name, .integer($0.samples)) }, uniquingKeysWith: { a, _ in a })),
      "raw_bytes": .integer(rawByteCount), "source_bytes": .integer(sourceByteCount),
      "store_bytes": .integer(storeByteCount), "resumed_samples": .integer(resumedSamples),
      "unchanged": .bool(isUnchanged), "seconds": .number(seconds),
      "images_per_second": .number(imagesPerSecond),
      "rejects_file": rejectsPath.map { .string($0) } ?? .null,
      "notices": .array(notices.map { .string($0) }),
    ])
  }
}
