import Experiment
import Metrics
import Store
import Terminal

/// How a calibration does on samples that it was not fitted on.
package struct CalibrationReport: Sendable {
  package struct Head: Sendable {
    package let task: String
    package let count: Int
    /// Of a class head; nil for a regression.
    package let temperature: Double?
    package let lossBefore: Double
    package let lossAfter: Double
    package let before: ReliabilityTable?
    package let after: ReliabilityTable?
    /// Share of the samples whose label lies within the interval or the set.
    package let coverage: Double
    /// Mean width of the intervals, or mean number of classes in the sets.
    package let size: Double
    /// Share of the sets with more than one class; nil for a regression.
    package let unsure: Double?

    init(
      task: String, before: HeadSamples, after: HeadSamples, temperature: Double, threshold: Double,
      limits: ClosedRange<Double>
    ) {
      self.task = task
      count = before.labels.count
      let isClass = before.kind != .regression
      self.temperature = isClass ? temperature : nil
      (lossBefore, lossAfter) = (before.loss, after.loss)
      func table(_ samples: HeadSamples) -> ReliabilityTable? {
        isClass
          ? ReliabilityTable(samples.kind, outputs: samples.outputs, labels: samples.labels) : nil
      }
      (self.before, self.after) = (table(before), table(after))
      let scale = 1 / Double(max(1, count))
      guard isClass else {
        coverage = Double(after.scores.count { $0 <= threshold }) * scale
        size =
          after.answers.reduce(0) {
            let interval = $1.interval(threshold: threshold, within: limits)
            return $0 + interval.upperBound - interval.lowerBound
          } * scale
        unsure = nil
        return
      }
      let sets = after.answers.map { $0.classes(threshold: threshold) }
      coverage =
        Double(zip(sets, after.labels).count { $0.contains(Int($1.rounded())) }) * scale
      size = Double(sets.reduce(0) { $0 + $1.count }) * scale
      unsure = Double(sets.count { $0.count > 1 }) * scale
    }
  }

  package let split: String
  package let fittedCount: Int
  package let reportedCount: Int
  package let augmentation: TestTimeAugmentation
  /// The coverage that was asked for.
  package let percent: Int
  package let heads: [Head]

  package func lines(columns: Int) -> [String] {
    var table = TextTable(
      header: [
        "task", "temperature", "loss before", "after", "calibration error before", "after",
        "\(percent) % covers", "mean size", "unsure",
      ], alignment: [.left] + Array(repeating: .right, count: 8))
    for head in heads {
      func error(_ table: ReliabilityTable?) -> String {
        table.map { percentText($0.expectedCalibrationError) } ?? "–"
      }
      table.append([
        head.task, head.temperature.map { fixed($0, 3) } ?? "–", fixed(head.lossBefore, 4),
        fixed(head.lossAfter, 4), error(head.before), error(head.after),
        percentText(head.coverage), fixed(head.size, 2), head.unsure.map(percentText) ?? "–",
      ])
    }
    let mirror = augmentation == .mirror ? ", mean of each image and its mirror image" : ""
    return [
      "fitted on \(grouped(fittedCount)) images of \(split), measured on the other "
        + "\(grouped(reportedCount))\(mirror)", "",
    ] + table.lines(columns: columns)
  }

  private func percentText(_ share: Double) -> String { Terminal.percent(share, decimals: 2) }

  package var json: JSONValue {
    .object([
      "split": .string(split), "fitted_samples": .integer(fittedCount),
      "reported_samples": .integer(reportedCount), "tta": .string(augmentation.rawValue),
      "coverage_asked": .number(Double(percent) / 100),
      "heads": .object(Dictionary(uniqueKeysWithValues: heads.map { ($0.task, json($0)) })),
    ])
  }

  private func json(_ head: Head) -> JSONValue {
    func number(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
    var members: [String: JSONValue] = [
      "samples": .integer(head.count), "loss_before": number(head.lossBefore),
      "loss_after": number(head.lossAfter), "coverage": number(head.coverage),
      "mean_size": number(head.size),
    ]
    members["temperature"] = head.temperature.map(number)
    members["unsure"] = head.unsure.map(number)
    for (name, table) in [("before", head.before), ("after", head.after)] {
      guard let table else { continue }
      members["ece_\(name)"] = number(table.expectedCalibrationError)
      members["reliability_\(name)"] = .array(
        table.bins.map { bin in
          [
            "count": .integer(bin.count), "confidence": number(bin.confidence),
            "accuracy": number(bin.accuracy),
          ]
        })
    }
    return .object(members)
  }
}
