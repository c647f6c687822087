import Experiment
import Foundation

extension FigureName {
  /// The figure as text, with units where it has any.
  func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    return style == .share ? NumberText.share(value) : NumberText.significant(value)
  }

  /// Alphabetical order with numbers by their values: `within_5` comes before `within_10`.
  static func precedes(_ a: String, _ b: String) -> Bool {
    let order = a.compare(b, options: .numeric)
    return order == .orderedSame ? a < b : order == .orderedAscending
  }

  /// The tasks of some figures, in alphabetical order: all that have a loss.
  static func tasks(in keys: some Sequence<String>) -> [String] {
    Set(keys.map(FigureName.init).filter { $0.metric == "loss" && !$0.task.isEmpty }.map(\.task))
      .sorted()
  }

  /// The figure that stands for a task on a card: its MAE, else its accuracy, else its loss.
  static func headline(of task: String, in keys: Set<String>) -> FigureName? {
    ["mae", "accuracy", "loss"].map { "\(task)_\($0)" }.first(where: keys.contains)
      .map(FigureName.init)
  }
}
