import Experiment

extension HydraNet {
  /// The losses of the batch that `forward` saw: for every task the mean over the samples, without
  /// the task's weight.
  ///
  /// - Parameter labels: [task][sample]; at least as many samples as the batch has. A class is its
  ///   index as a whole number.
  /// - Throws: `ModelError` for a label that is not finite, or no class of its task.
  package func losses(_ labels: [[Float]]) throws -> [Float] {
    let pass: Pass
    switch progress {
    case .none: preconditionFailure("losses follows forward")
    case .forward(let current), .losses(let current): pass = current
    }
    let plan = pass.plan
    guard labels.count == heads.count else {
      throw ModelError("labels of \(labels.count) tasks do not fit \(heads.count) heads")
    }
    var losses: [Float] = []
    for (head, values) in zip(heads, labels) {
      guard values.count >= plan.sampleCount else {
        throw ModelError(
          "task \(head.task.name): \(values.count) labels for \(plan.sampleCount) images")
      }
      try check(values.prefix(plan.sampleCount), of: head.task)
      losses.append(
        lossAndGradient(
          head.task, logits: head.logits, labels: values, count: plan.sampleCount,
          gradient: head.logitGradient))
    }
    progress = .losses(pass)
    return losses
  }

  private func check(_ labels: ArraySlice<Float>, of task: TaskSettings) throws {
    let expected: String
    let isValid: (Float) -> Bool
    switch task.kind {
    case .regression:
      expected = "a finite number"
      isValid = { $0.isFinite }
    case .binary:
      expected = "0 or 1"
      isValid = { $0 == 0 || $0 == 1 }
    case .categorical:
      let classCount = task.outputCount
      expected = "a class from 0 to \(classCount - 1)"
      isValid = { $0 >= 0 && $0 < Float(classCount) && $0 == $0.rounded(.towardZero) }
    }
    guard let index = labels.firstIndex(where: { !isValid($0) }) else { return }
    throw ModelError(
      "task \(task.name): the label of sample \(index) in the batch is \(labels[index]), expected "
        + "\(expected): check the task's kind against column \(task.column)")
  }
}
