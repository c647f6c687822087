import Experiment
import Metrics
import Terminal

/// What a model says of every sample of a store, split by split, for one of its tasks.
package struct ModelAnswers: Sendable {
  let task: TaskSettings
  /// [samples][outputs].
  let outputs: [Float]
  /// As the task has them; NaN where one is missing.
  let labels: [Float]
  /// What the task's classes are called; empty for numbers.
  let classNames: [String]

  package init(_ task: TaskSettings, outputs: [Float], labels: [Float], classNames: [String]) {
    (self.task, self.outputs, self.labels) = (task, outputs, labels)
    self.classNames = classNames
  }

  fileprivate var answers: [HeadAnswer] {
    let width = outputs.count / max(1, labels.count)
    return labels.indices.map { HeadAnswer(task.kind, outputs[$0 * width..<($0 + 1) * width]) }
  }

  fileprivate func text(_ value: Double) -> String {
    guard task.kind != .regression else {
      return Int(exactly: value).map { "\($0)" } ?? fixed(value, 1)
    }
    let number = Int(value)
    return classNames.indices.contains(number) ? classNames[number] : "\(number)"
  }
}

/// Labels that a model contradicts.
struct ModelFindings {
  private(set) var findings: [NumberedFinding] = []

  init(_ answers: [ModelAnswers]) {
    for task in answers {
      let isNumber = task.task.kind == .regression
      let doubts =
        isNumber
        ? LabelDoubts.numbers(
          task.answers.map(\.value), labels: task.labels, limit: AuditThresholds.outlier)
        : LabelDoubts.classes(task.answers, labels: task.labels)
      findings += doubts.map { doubt in
        NumberedFinding(
          kind: isNumber ? .numberDoubt : .classDoubt, score: (doubt.score * 1e4).rounded() / 1e4,
          sample: doubt.sample,
          note: "\(task.task.name) \(task.text(Double(task.labels[doubt.sample]))), model "
            + task.text(doubt.answer))
      }
    }
  }
}
