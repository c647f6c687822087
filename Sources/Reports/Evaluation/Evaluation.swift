import Experiment
import Metrics

/// How a model does on a split: losses, and by task the figures that people report. Computed once;
/// `lines`, `json` and the report page show it.
package struct Evaluation: Sendable {
  /// The split's name, such as "validation".
  package let split: String
  package let tasks: [TaskSettings]
  package let sampleCount: Int
  /// Mean loss of each task, without its weight; NaN where no sample has the task's label.
  package let losses: [Double]
  package let metrics: [TaskMetrics]
  /// How often each class head is right when it says how sure it is; nil for a regression, and where
  /// no sample has the label.
  package let reliability: [ReliabilityTable?]
  package let seconds: Double
  package let classNames: ClassNames
  /// What was done to the network's outputs, such as the temperatures; none if they are as they are.
  package let remarks: [String]
  /// Figures by group.
  package let analyses: [GroupAnalysis]

  /// - Parameters:
  ///   - outputs: by task, the head's outputs [samples][outputs].
  ///   - labels: by task, one label per sample; NaN for one that is not known, which takes no part
  ///     in the task's figures.
  package init(
    split: String, tasks: [TaskSettings], losses: [Double], outputs: [[Float]], labels: [[Float]],
    seconds: Double, classNames: ClassNames = ClassNames(), remarks: [String] = [],
    groupings: [Grouping] = []
  ) {
    self.split = split
    self.tasks = tasks
    self.losses = losses
    self.seconds = seconds
    self.classNames = classNames
    self.remarks = remarks
    analyses = groupings.map {
      GroupAnalysis($0, tasks: tasks, outputs: outputs, labels: labels)
    }
    sampleCount = labels.first?.count ?? 0
    var metrics: [TaskMetrics] = []
    var reliability: [ReliabilityTable?] = []
    for (index, task) in tasks.enumerated() {
      let (known, knownLabels) = Self.known(outputs[index], labels[index])
      metrics.append(TaskMetrics(task, outputs: known, labels: knownLabels))
      reliability.append(
        task.kind == .regression || knownLabels.isEmpty
          ? nil : ReliabilityTable(task.kind, outputs: known, labels: knownLabels))
    }
    self.metrics = metrics
    self.reliability = reliability
  }

  /// The outputs [samples][outputs] and labels of the samples whose label is known.
  package static func known(_ outputs: [Float], _ labels: [Float]) -> ([Float], [Float]) {
    guard labels.contains(where: \.isNaN) else { return (outputs, labels) }
    let width = outputs.count / labels.count
    let samples = labels.indices.filter { !labels[$0].isNaN }
    return (
      samples.flatMap { outputs[$0 * width..<($0 + 1) * width] }, samples.map { labels[$0] }
    )
  }

  /// Sum of the losses, each with its task's own weight.
  package var loss: Double {
    zip(losses, tasks).reduce(0) { $1.0.isNaN ? $0 : $0 + $1.0 * $1.1.weight }
  }

  package var imagesPerSecond: Double { Double(sampleCount) / max(seconds, 1e-9) }

  /// All single numbers by name: `loss`, `age_loss`, `age_mae`, `gender_accuracy`, …
  package var figures: [String: Double] {
    var result = ["loss": loss]
    for (index, task) in tasks.enumerated() where metrics[index].count > 0 {
      result["\(task.name)_loss"] = losses[index]
      for (name, value) in metrics[index].figures { result["\(task.name)_\(name)"] = value }
      if let table = reliability[index] {
        result["\(task.name)_ece"] = table.expectedCalibrationError
      }
    }
    return result
  }
}
