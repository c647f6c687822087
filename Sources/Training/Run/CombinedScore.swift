import Experiment

/// How much better than a constant answer a network is, over all tasks: one number to choose an
/// epoch by, in which years and shares of wrong answers count alike.
///
///     score = mean over the tasks of 1 − error / error of the best constant answer
///
/// The error is the mean absolute one of a number, and the share of wrong answers of classes. The
/// constant is the median, or the most frequent class, of the labels that are measured on. So 1 is
/// without error, and 0 no better than a constant.
///
/// A task's term is a skill score (Murphy, "Skill Scores Based on the Mean Square Error and Their
/// Relationships to the Correlation Coefficient", 1988). Their mean is the Δ of Maninis, Radosavovic
/// and Kokkinos ("Attentive Single-Tasking of Multiple Tasks", 2019), with a constant in place of a
/// network for each task, so that it can be had without training those.
package struct CombinedScore: Sendable {
  /// By task that counts: its figure, and the error of the best constant.
  private let terms: [(task: TaskSettings, reference: Double)]

  /// A task whose loss has no weight does not count, nor one with a constant that is never wrong.
  ///
  /// - Parameter labels: by task, one per sample; NaN for one that is not known.
  package init(_ tasks: [TaskSettings], labels: [[Float]]) {
    terms = zip(tasks, labels).compactMap { task, labels in
      let known = labels.filter { !$0.isNaN }.sorted()
      guard task.weight > 0, let error = Self.constantError(known, task.kind), error > 0 else {
        return nil
      }
      return (task, error)
    }
  }

  /// - Parameter figures: those of `Evaluation.figures`.
  /// - Returns: NaN where no task counts, or the figure of one is missing.
  package func value(of figures: [String: Double]) -> Double {
    let skills = terms.map { task, reference in
      let figure = figures[task.mainFigure] ?? .nan
      return 1 - (task.kind == .regression ? figure : 1 - figure) / reference
    }
    return skills.reduce(0, +) / Double(skills.count)
  }

  /// - Parameter labels: in ascending order.
  private static func constantError(_ labels: [Float], _ kind: TaskSettings.Kind) -> Double? {
    guard !labels.isEmpty else { return nil }
    let count = Double(labels.count)
    guard kind != .regression else {
      let median = Double(labels[labels.count / 2])
      return labels.reduce(0) { $0 + abs(Double($1) - median) } / count
    }
    var largest = 0
    var run = 0
    for index in labels.indices {
      run = index > 0 && labels[index] == labels[index - 1] ? run + 1 : 1
      largest = max(largest, run)
    }
    return 1 - Double(largest) / count
  }
}
