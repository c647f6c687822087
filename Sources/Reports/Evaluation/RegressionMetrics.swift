/// How far predictions of a number, such as an age in years, are from the truth.
package struct RegressionMetrics: Sendable, Equatable {
  package struct Decade: Sendable, Equatable {
    /// First label of the ten: 0, 10, 20, …
    package var start: Int
    package var count: Int
    package var mae: Double

    /// Such as "20–29".
    var title: String { "\(start)–\(start + 9)" }
  }

  package let count: Int
  /// Mean absolute error.
  package let mae: Double
  /// Root of the mean squared error.
  package let rmse: Double
  /// Mean of prediction minus label.
  package let bias: Double
  /// Shares of the samples whose absolute error is at most 1, 5 and 10.
  package let within1: Double
  package let within5: Double
  package let within10: Double
  /// By decade of the label; decades without samples are left out.
  package let decades: [Decade]

  /// - Parameters: predictions and labels, one of each per sample.
  package init(predictions: [Float], labels: [Float]) {
    precondition(predictions.count == labels.count, "a prediction for every label")
    count = predictions.count
    let scale = 1 / Double(max(1, count))
    var absolute = 0.0
    var squared = 0.0
    var signed = 0.0
    var hits = (0, 0, 0)
    var byDecade: [Int: (count: Int, sum: Double)] = [:]
    for (prediction, label) in zip(predictions, labels) {
      let error = Double(prediction) - Double(label)
      absolute += abs(error)
      squared += error * error
      signed += error
      if abs(error) <= 1 { hits.0 += 1 }
      if abs(error) <= 5 { hits.1 += 1 }
      if abs(error) <= 10 { hits.2 += 1 }
      let decade = Int((label / 10).rounded(.down)) * 10
      byDecade[decade, default: (0, 0)].count += 1
      byDecade[decade, default: (0, 0)].sum += abs(error)
    }
    mae = absolute * scale
    rmse = (squared * scale).squareRoot()
    bias = signed * scale
    within1 = Double(hits.0) * scale
    within5 = Double(hits.1) * scale
    within10 = Double(hits.2) * scale
    decades = byDecade.sorted { $0.key < $1.key }.map { start, value in
      Decade(start: start, count: value.count, mae: value.sum / Double(value.count))
    }
  }
}
