/// What the name of a figure says: `age_mae` is the mean absolute error of the task `age`, which
/// is better when lower. The one place that knows which way a metric points.
package struct FigureName: Equatable, Sendable {
  package enum Direction: Sendable {
    case lowerIsBetter, higherIsBetter, neutral
  }

  package enum Style: Sendable {
    /// Shown with as many digits after the point as it needs.
    case plain
    /// From 0 to 1, shown percent.
    case share
  }

  /// The figure of all tasks together; see `CombinedScore`.
  package static let combinedScore = "score"

  /// The metric's own names, longest first so that `balanced_accuracy` is not taken for `accuracy`.
  private static let metrics: [(suffix: String, title: String, Direction, Style)] = [
    ("balanced_accuracy", "balanced accuracy", .higherIsBetter, .share),
    (combinedScore, "score", .higherIsBetter, .plain),
    ("selection_rate", "selection rate", .neutral, .share),
    ("true_positive_rate", "true positive rate", .higherIsBetter, .share),
    ("false_positive_rate", "false positive rate", .lowerIsBetter, .share),
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
    ("ece", "calibration error", .lowerIsBetter, .share),
    ("f1", "F1", .higherIsBetter, .share),
  ]

  package let key: String
  /// The task, or empty for a figure of the whole model, and for names of no known metric.
  package let task: String
  /// The metric's short name, such as `mae`; the whole key where it is not known.
  package let metric: String
  /// For people: "age MAE".
  package let title: String
  package let direction: Direction
  package let style: Style

  package init(_ key: String) {
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
}
