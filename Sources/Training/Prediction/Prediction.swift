import Experiment
import Foundation

/// What a network says about one image.
package struct Prediction: Sendable {
  /// By the task's kind.
  package enum Value: Sendable, Equatable {
    case number(Double)
    /// The class with the highest probability, the probabilities of all, and the head's outputs
    /// they come from (one for a binary task, one per class otherwise).
    case classes(best: Int, probabilities: [Double], logits: [Double])
  }

  package let file: String
  /// By task, in the network's order.
  package let values: [(task: String, value: Value)]

  /// - Parameter outputs: by task, the head's outputs for this image.
  init(file: String, tasks: [TaskSettings], outputs: [[Float]]) {
    self.file = file
    values = zip(tasks, outputs).map { task, outputs in
      (task.name, Self.value(of: task.kind, outputs.map { Double($0) }))
    }
  }

  private static func value(of kind: TaskSettings.Kind, _ outputs: [Double]) -> Value {
    switch kind {
    case .regression:
      return .number(outputs[0])
    case .binary:
      let positive = 1 / (1 + exp(-outputs[0]))
      return .classes(
        best: outputs[0] > 0 ? 1 : 0, probabilities: [1 - positive, positive], logits: outputs)
    case .categorical:
      let best = outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 }
      return .classes(best: best, probabilities: softmax(outputs), logits: outputs)
    }
  }
}
