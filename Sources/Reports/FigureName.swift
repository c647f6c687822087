import Foundation

/// What the name of a figure says: `age_mae` is the mean absolute error of the task `age`, which
/// is better when lower.
struct FigureName: Equatable {
  enum Direction: Equatable {
    case lowerIsBetter, higherIsBetter, neutral
  }

  enum Style: Equatable {
    /// Shown with so many digits after the point as it needs.
    case plain
    /// From 0 to 1, shown per cent.
    case share
  }

  /// The metric's own names, longest first so that `balanced_accuracy` is not taken for `accuracy`.
  private static let metrics: [(suffix: String, title: String, Direction, Style)] = [
    ("balanced_accuracy", "balanced accuracy", .higherIsBetter, .share),
    ("within_10", "within 10", .higherIsBetter, .share),
    ("within_5", "within 5", .higherIsBetter, .share),
    ("within_1", "within 1", .higherIsBetter, .share),
    ("accuracy", "accuracy", .higherIsBetter, .share),
    ("macro_f1", "macro F1", .higherIsBetter, .share),
    ("weight", "loss weight", .neutral, .plain),
    ("loss", "loss", .lowerIsBetter, .plain),
    ("rmse", "RMSE", .lowerIsBetter, .plain),
    ("bias", "bias", .neutral, .plain),
    ("auc", "AUC", .higherIsBetter, .share),
    ("mae", "MAE", .lowerIsBetter, .plain),
    ("f1", "F1", .higherIsBetter, .share),
  ]

  let key: String
  /// The task, or empty for a figure of the whole model, and for names of no known metric.
  let task: String
  /// The metric's short name, such as `mae`; the whole key where it is not known.
  let metric: String
  /// For people: "age MAE".
  let title: String
  let direction: Direction
  let style: Style

  init(_ key: String) {
    self.key = key
    for (suffix, name, direction, style) in Self.metrics {
      guard key == suffix || key.hasSuffix("_" + suffix) else { continue }
      metric = suffix
      task = key == suffix ? "" : String(key.dropLast(suffix.count + 1))
      title = task.isEmpty ? name : "\(Self.words(task)) \(name)"
      self.direction = direction
      self.style = style
      return
    }
    task = ""
    metric = key
    title = Self.words(key)
    direction = .neutral
    style = .plain
  }

  private static func words(_ name: String) -> String {
    name.replacing("_", with: " ")
  }

  /// The figure as text, with units where it has any.
  func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    return style == .share ? NumberText.share(value) : NumberText.significant(value)
  }

  /// Alphabetical order with numbers by their values: `within_5` stands before `within_10`.
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
