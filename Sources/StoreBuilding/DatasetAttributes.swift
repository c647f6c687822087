import Faces
import Foundation
import Store

/// What a store says of its data: the attribute `dataset` of its root group. It depends on the
/// files and the options alone, not on paths, times or threads.
struct DatasetAttributes {
  let options: BuildOptions
  let index: SourceIndex
  let splits: [SplitBuild]
  let plan: String
  let rejects: [Reject]
  /// One for each of `splits`.
  let statistics: [LabelStatistics]
  let duplicates: DuplicateReport

  var json: JSONValue {
    get throws {
      var labels: [String: JSONValue] = [:]
      for (split, statistics) in zip(splits, statistics) {
        labels[split.name] = [
          "age": .array(statistics.ageHistogram.map { .integer($0) }),
          "gender": .array(statistics.genderHistogram.map { .integer($0) }),
          "race": .array(statistics.raceHistogram.map { .integer($0) }),
        ]
      }
      var reasons: [String: JSONValue] = [:]
      for reject in rejects {
        reasons[reject.reason.rawValue] = .integer(
          (reasons[reject.reason.rawValue]?.intValue ?? 0) + 1)
      }
      let moments = channelMoments()
      return .object([
        "name": "UTKFace", "plan": .string(plan), "pipeline": options.recipe,
        "source": [
          "fingerprint": .string(index.fingerprint), "files": .integer(index.files.count),
          "accepted": .integer(index.files.count - rejects.count),
          "bytes": .integer(index.byteCount),
          "irregular_timestamps": .integer(index.irregularNames), "rejected": .object(reasons),
          "duplicate_groups": .integer(duplicates.groups),
          "duplicate_files": .integer(duplicates.files),
          "conflicting_duplicate_groups": .integer(duplicates.conflictingGroups),
          "left_out": .integer(duplicates.leftOut),
        ],
        "channel_mean": .array(moments.mean.map { .number($0) }),
        "channel_std": .array(moments.deviation.map { .number($0) }),
        "label_histograms": .object(labels),
        "classes": [
          "gender": .array(FaceLabels.genderNames.map { .string($0) }),
          "race": .array(FaceLabels.raceNames.map { .string($0) }),
        ],
      ])
    }
  }

  /// Mean and population standard deviation of the training pixels by channel, of values 0...1.
  private func channelMoments() -> (mean: [Double], deviation: [Double]) {
    let train = splits[0]
    let count = Double(max(1, train.sampleCount * options.layout.size * options.layout.size))
    var mean: [Double] = []
    var deviation: [Double] = []
    for channel in 0..<3 {
      let average = Double(train.sums.sum[channel]) / count
      let square = Double(train.sums.squares[channel]) / count
      mean.append(average / 255)
      deviation.append(max(0, square - average * average).squareRoot() / 255)
    }
    return (mean, deviation)
  }

  /// Reads back what a summary shows of a store that is there.
  static func fill(_ summary: inout BuildSummary, from dataset: JSONValue) {
    let source = dataset["source"]
    func number(_ key: String) -> Int { source?[key]?.intValue ?? 0 }
    summary.sourceByteCount = number("bytes")
    summary.leftOut = number("left_out")
    summary.duplicates.groups = number("duplicate_groups")
    summary.duplicates.files = number("duplicate_files")
    summary.duplicates.conflictingGroups = number("conflicting_duplicate_groups")
    summary.rejected = [:]
    for reason in RejectReason.allCases {
      if let count = source?["rejected"]?[reason.rawValue]?.intValue {
        summary.rejected[reason] = count
      }
    }
    summary.accepted = summary.found - summary.rejectedCount
  }
}
