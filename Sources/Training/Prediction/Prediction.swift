import Experiment
import Metrics

/// What a network says about one image.
package struct Prediction: Sendable {
  /// By the task's kind.
  package enum Value: Sendable, Equatable {
    case number(Double)
    /// The class with the highest probability, the probabilities of all, and the head's outputs
    /// they come from (one for a binary task, one per class otherwise).
    case classes(best: Int, probabilities: [Double], logits: [Double])
  }

  /// Where the truth may be expected.
  package enum Region: Sendable, Equatable {
    case interval(ClosedRange<Double>)
    /// Numbers of classes, ascending.
    case classes([Int])
  }

  /// The shares whose quantiles a distribution is given by: a box of half of it, and its tails.
  package static let quantileShares = [0.05, 0.25, 0.5, 0.75, 0.95]

  package let file: String
  /// By task, in the network's order.
  package let values: [(task: String, value: Value)]
  /// The coverage that was asked for, in percent, and the region of each task; nil where none was.
  package let regions: (percent: Int, byTask: [String: Region])?

  /// By task whose head gives a distribution, the values at `quantileShares`.
  package let quantiles: [String: [Double]]

  /// By task, the path of the picture of where its answer comes from; empty where none was asked for.
  package internal(set) var explanations: [String: String] = [:]

  /// - Parameters:
  ///   - outputs: by task, the head's outputs for this image.
  ///   - quantiles: by task, those of the head's distribution; nil for other heads.
  init(
    file: String, tasks: [TaskSettings], outputs: [[Float]], quantiles: [[Double]?],
    coverage: AnswerRule.Coverage?
  ) {
    self.file = file
    self.quantiles = Dictionary(
      zip(tasks, quantiles).compactMap { task, values in values.map { (task.name, $0) } },
      uniquingKeysWith: { first, _ in first })
    regions = coverage.map { coverage in
      let pairs = zip(tasks, outputs).map { task, outputs in
        let answer = HeadAnswer(task.kind, outputs[...])
        let threshold = coverage.thresholds[task.name] ?? .infinity
        return (
          task.name,
          task.kind == .regression
            ? Region.interval(
              answer.interval(
                threshold: threshold,
                within: coverage.limits[task.name] ?? ConformalTable.anyNumber))
            : .classes(answer.classes(threshold: threshold))
        )
      }
      return (coverage.percent, Dictionary(uniqueKeysWithValues: pairs))
    }
    values = zip(tasks, outputs).map { task, outputs in
      let output = HeadAnswer(task.kind, outputs[...])
      guard task.kind != .regression else { return (task.name, .number(output.value)) }
      return (
        task.name,
        .classes(
          best: output.chosenClass, probabilities: output.probabilities,
          logits: outputs.map { Double($0) })
      )
    }
  }
}
