import Faces
import Photographs
import Store

/// What a build did.
package struct BuildSummary: Sendable {
  package var output = ""
  package var found = 0
  /// Files that are neither JPEG nor PNG by name.
  package var ignored = IgnoredFiles()
  package var accepted = 0
  /// Accepted by name and content, but left out by `--duplicates first` or `drop`.
  package var leftOut = 0
  package var rejected: [RejectReason: Int] = [:]
  /// Accepted names with an unusual timestamp.
  package var irregularNames = 0
  /// Accepted files whose EXIF orientation says to turn them; they are stored as they are.
  package var turned = 0
  package var duplicates = DuplicateReport()
  package var nearDuplicates = NearDuplicateReport()
  /// The column that groups the samples, and how many values it has.
  package var groupColumn: String?
  package var groupCount = 0
  /// Where the samples were in the store that was split by the same rule; nil without one.
  package var moves: SplitMoves?
  package var notices: [String] = []
  /// The columns as a pipeline's section where they were guessed.
  package var guessedColumns: String?
  /// Samples by split, in the store's order.
  package var splits: [(name: String, samples: Int)] = []
  /// Bytes of the samples as raw pixels, of the source files, and of all files of the store.
  package var rawByteCount = 0
  package var sourceByteCount = 0
  package var storeByteCount = 0
  /// Samples that an earlier, interrupted build had finished.
  package var resumedSamples = 0
  /// Samples that were copied from a store.
  package var reusedSamples = 0
  /// The store was there already, from the same input and options.
  package var isUnchanged = false
  package var rejectsPath: String?
  package var seconds = 0.0

  package var rejectedCount: Int { rejected.values.reduce(0, +) }
  /// Of the samples that this run made.
  package var imagesPerSecond: Double {
    isUnchanged || seconds <= 0 ? 0 : Double(accepted - leftOut - resumedSamples) / seconds
  }

  /// The machine-readable form, for `--json`.
  package var json: JSONValue {
    var reasons: [String: JSONValue] = [:]
    for (reason, count) in rejected { reasons[reason.rawValue] = .integer(count) }
    return .object([
      "output": .string(output), "found": .integer(found), "ignored": .integer(ignored.count),
      "ignored_kinds": .object(ignored.kinds.mapValues { .integer($0) }),
      "exif_turned": .integer(turned),
      "accepted": .integer(accepted), "left_out": .integer(leftOut), "rejected": .object(reasons),
      "rejected_total": .integer(rejectedCount), "irregular_timestamps": .integer(irregularNames),
      "duplicates": [
        "groups": .integer(duplicates.groups), "files": .integer(duplicates.files),
        "conflicting_groups": .integer(duplicates.conflictingGroups),
      ],
      "near_duplicates": [
        "groups": .integer(nearDuplicates.groups),
        "photographs": .integer(nearDuplicates.photographs),
        "conflicting_groups": .integer(nearDuplicates.conflictingGroups),
      ],
      "group_by": groupColumn.map {
        ["column": .string($0), "groups": .integer(groupCount)]
      } ?? .null,
      "moved": moves.map {
        ["known_samples": .integer($0.known), "samples": .integer($0.moved)]
      } ?? .null,
      "splits": .object(
        Dictionary(splits.map { ($0.name, .integer($0.samples)) }, uniquingKeysWith: { a, _ in a })),
      "raw_bytes": .integer(rawByteCount), "source_bytes": .integer(sourceByteCount),
      "store_bytes": .integer(storeByteCount), "resumed_samples": .integer(resumedSamples),
      "reused_samples": .integer(reusedSamples),
      "unchanged": .bool(isUnchanged), "seconds": .number(seconds),
      "images_per_second": .number(imagesPerSecond),
      "rejects_file": rejectsPath.map { .string($0) } ?? .null,
      "guessed_columns": guessedColumns.map { .string($0) } ?? .null,
      "notices": .array(notices.map { .string($0) }),
    ])
  }
}

/// How a split differs from that of a store that was made by the same rule.
package struct SplitMoves: Equatable, Sendable {
  /// Samples that the store has too.
  package var known = 0
  /// Those of them that are in another split now.
  package var moved = 0
}
