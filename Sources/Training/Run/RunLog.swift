import Experiment
import Terminal

/// What a run says on standard error besides its progress line.
struct RunLog {
  let isQuiet: Bool

  func note(_ text: String, line: ProgressLine? = nil) {
    guard !isQuiet else { return }
    (line ?? ProgressLine("", total: nil, unit: "", enabled: false)).note(text)
  }

  /// A task's main figure: the mean absolute error, or the accuracy.
  static func figure(_ task: TaskSettings, _ figures: [String: Double]) -> String {
    let value = figures[task.mainFigure]
    return value.map { task.kind == .regression ? fixed($0, 2) : percent($0) } ?? "–"
  }

  /// What that figure is called.
  static func title(_ task: TaskSettings) -> String {
    task.kind == .regression ? "\(task.name) MAE" : task.name
  }
}
