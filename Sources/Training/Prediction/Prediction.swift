import Experiment

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
