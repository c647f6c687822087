import Experiment

/// The figures of one task on some samples, by its kind.
package enum TaskMetrics: Sendable {
  case regression(RegressionMetrics)
  case binary(BinaryMetrics)
  case categorical(CategoricalMetrics)

  /// - Parameters:
  ///   - outputs: the head's outputs, [samples][outputs].
  ///   - labels: one a sample, all known.
  init(_ task: TaskSettings, outputs: [Float], labels: [Float]) {
    self =
      switch task.kind {
      case .regression: .regression(RegressionMetrics(predictions: outputs, labels: labels))
      case .binary: .binary(BinaryMetrics(logits: outputs, labels: labels))
      case .categorical:
        .categorical(
          CategoricalMetrics(logits: outputs, labels: labels, classes: task.classes ?? 1))
      }
  }

  /// Samples whose label is known.
  var count: Int {
    switch self {
    case .regression(let metrics): metrics.count
    case .binary(let metrics): metrics.count
    case .categorical(let metrics): metrics.count
    }
  }

  /// Samples by label and prediction; nil for a regression.
  var confusion: [[Int]]? {
    switch self {
    case .regression: nil
    case .binary(let metrics): metrics.confusion
    case .categorical(let metrics): metrics.confusion
    }
  }

  /// Mean absolute error of a regression, share of errors of a classification.
  var error: Double {
    switch self {
    case .regression(let metrics): metrics.mae
    case .binary(let metrics): 1 - metrics.accuracy
    case .categorical(let metrics): 1 - metrics.accuracy
    }
  }

  var figures: [(String, Double)] {
    switch self {
    case .regression(let metrics):
      [
        ("mae", metrics.mae), ("rmse", metrics.rmse), ("bias", metrics.bias),
        ("within_1", metrics.within1), ("within_5", metrics.within5),
        ("within_10", metrics.within10),
      ]
    case .binary(let metrics):
      [
        ("accuracy", metrics.accuracy), ("balanced_accuracy", metrics.balancedAccuracy),
        ("f1", metrics.f1),
      ] + (metrics.auc.map { [("auc", $0)] } ?? [])
    case .categorical(let metrics):
      [
        ("accuracy", metrics.accuracy), ("balanced_accuracy", metrics.balancedAccuracy),
        ("macro_f1", metrics.macroF1),
      ]
    }
  }

  /// `figures` and, of a binary task, the rates that fairness between groups is judged by.
  var groupFigures: [(String, Double)] {
    guard case .binary(let metrics) = self else { return figures }
    let rates = [
      ("selection_rate", metrics.selectionRate), ("true_positive_rate", metrics.truePositiveRate),
      ("false_positive_rate", metrics.falsePositiveRate),
    ]
    return figures + rates.compactMap { name, rate in rate.map { (name, $0) } }
  }
}
