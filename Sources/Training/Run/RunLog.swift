import Pipelines
import TerminalOutput

/// What a run says on standard error besides its progress line: a line per epoch.
struct RunLog {
  let isQuiet: Bool

  func note(_ text: String, line: ProgressLine? = nil) {
    guard !isQuiet else { return }
    (line ?? ProgressLine("", total: nil, unit: "", enabled: false)).note(text)
  }

  func epoch(_ record: EpochRecord, of epochs: Int, tasks: [TaskSettings], line: ProgressLine) {
    var parts = ["epoch \(record.epoch)/\(epochs)", "loss \(fixed(record.train["loss"] ?? 0, 3))"]
    if !record.validation.isEmpty {
      parts.append("validation \(Self.summary(record.validation, tasks: tasks))")
    }
    parts.append("\(rateText(record.imagesPerSecond)) images/s")
    parts.append("wait \(percent(record.dataWait))")
    note(parts.joined(separator: "  "), line: line)
  }

  /// The main figure of every task: `age 6.52  gender 88.1 %  race 74.9 %`.
  static func summary(_ figures: [String: Double], tasks: [TaskSettings]) -> String {
    tasks.map { "\($0.name) \(figure($0, figures))" }.joined(separator: "  ")
  }

  /// A task's main figure: the mean absolute error, or the accuracy.
  static func figure(_ task: TaskSettings, _ figures: [String: Double]) -> String {
    let value =
      task.kind == .regression
      ? figures["\(task.name)_mae"].map { fixed($0, 2) }
      : figures["\(task.name)_accuracy"].map { percent($0) }
    return value ?? "–"
  }
}
