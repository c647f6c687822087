import Faces
import Foundation
import Store

/// What a store says of its data: the attribute `dataset` of its root group. It depends on the
/// files and the options alone, not on paths, times or threads.
struct DatasetAttributes {
  let options: BuildOptions
  let rules: BuildRules
  let plan: BuildPlan
  /// Of the pixels of the training split.
  let sums: ChannelSums
  /// By label, samples by class; one for each split of the plan.
  let histograms: [[String: [Int]]]

  var json: JSONValue {
    get throws {
      var labels: [String: JSONValue] = [:]
      for (split, counts) in zip(plan.splits, histograms) {
        labels[split.name] = .object(
          counts.mapValues { .array($0.map { .integer($0) }) })
      }
      var classes: [String: JSONValue] = [:]
      for column in rules.labels.columns where !column.classNames.isEmpty {
        classes[column.name] = .array(column.classNames.map { .string($0) })
      }
      var reasons: [String: JSONValue] = [:]
      for reject in plan.rejects {
        reasons[reject.reason.rawValue] = .integer(
          (reasons[reject.reason.rawValue]?.intValue ?? 0) + 1)
      }
      let moments = channelMoments()
      let near = plan.nearDuplicates ?? NearDuplicateReport()
      var source: [String: JSONValue] = [
        "fingerprint": .string(plan.fingerprint), "files": .integer(plan.found),
        "accepted": .integer(plan.found - plan.rejects.count),
        "bytes": .integer(plan.byteCount),
        "irregular_timestamps": .integer(plan.irregularNames), "rejected": .object(reasons),
        "duplicate_groups": .integer(plan.duplicates.groups),
        "duplicate_files": .integer(plan.duplicates.files),
        "conflicting_duplicate_groups": .integer(plan.duplicates.conflictingGroups),
        "left_out": .integer(plan.duplicates.leftOut + plan.unassigned + plan.dropped),
        "near_duplicate_groups": .integer(near.groups),
        "near_duplicate_photographs": .integer(near.photographs),
        "conflicting_near_duplicate_groups": .integer(near.conflictingGroups),
      ]
      if rules.group != nil { source["groups"] = .integer(plan.groupCount) }
      return .object([
        "name": rules.labels.columns == FaceLabels.columns ? "UTKFace" : "images",
        "plan": .string(try rules.planDigest(of: plan.fingerprint)), "pipeline": rules.recipe,
        "source": .object(source),
        "channel_mean": .array(moments.mean.map { .number($0) }),
        "channel_std": .array(moments.deviation.map { .number($0) }),
        "label_histograms": .object(labels),
        "classes": .object(classes),
      ])
    }
  }

  /// Mean and population standard deviation of the training pixels by channel, of values 0...1.
  private func channelMoments() -> (mean: [Double], deviation: [Double]) {
    let size = options.layout.size
    let count = Double(max(1, plan.splits[0].samples.count * size * size))
    var mean: [Double] = []
    var deviation: [Double] = []
    for channel in 0..<3 {
      let average = Double(sums.sum[channel]) / count
      let square = Double(sums.squares[channel]) / count
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
    summary.nearDuplicates.groups = number("near_duplicate_groups")
    summary.nearDuplicates.photographs = number("near_duplicate_photographs")
    summary.nearDuplicates.conflictingGroups = number("conflicting_near_duplicate_groups")
    summary.groupColumn = dataset["pipeline"]?["group_by"]?.stringValue
    summary.groupCount = number("groups")
    summary.rejected = [:]
    for reason in RejectReason.allCases {
      if let count = source?["rejected"]?[reason.rawValue]?.intValue {
        summary.rejected[reason] = count
      }
    }
    summary.accepted = summary.found - summary.rejectedCount
  }
}
