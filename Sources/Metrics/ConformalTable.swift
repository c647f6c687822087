import Experiment

/// How far from a head's answers the truth may be expected, by the share of samples that must be
/// covered: split conformal prediction.
///
/// Whatever the model, of new samples like those that the table is made of, at least that share lies
/// within: on average over tables, not in every group of samples.
///
/// Source: Angelopoulos and Bates, "A Gentle Introduction to Conformal Prediction", 2021, sections
/// 1 and 2; for numbers, Lei et al., "Distribution-Free Predictive Inference for Regression", 2018.
package struct ConformalTable: Sendable, Equatable {
  /// Coverages that can be asked for, in percent.
  package static let percents = 50...99

  /// What an interval may hold at most: the numbers that a label may be.
  package static let anyNumber =
    -Double(Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)

  /// The largest score within, for each of `percents`; infinite where there are too few samples.
  package let thresholds: [Double]

  /// - Parameter scores: `HeadAnswer.score` of samples that the model was not trained on.
  package init(scores: [Double]) {
    let sorted = scores.sorted()
    thresholds = Self.percents.map { percent in
      // The ⌈(n + 1) · coverage⌉th smallest, in whole numbers.
      let rank = ((sorted.count + 1) * percent + 99) / 100
      return rank <= sorted.count ? sorted[rank - 1] : .infinity
    }
  }

  /// Thresholds as they were stored; nil where they are not those of a table.
  package init?(thresholds: [Double]) {
    guard thresholds.count == Self.percents.count, (thresholds.first ?? -1) >= 0,
      zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    self.thresholds = thresholds
  }

  package subscript(percent percent: Int) -> Double {
    thresholds[percent - Self.percents.lowerBound]
  }
}

extension HeadAnswer {
  /// How badly the answer fits a label: |value − label|, or 1 − the probability of the label's class.
  package func score(label: Float) -> Double {
    kind == .regression
      ? abs(value - Double(label)) : 1 - probabilities[Int(label.rounded())]
  }

  /// The values within `limits` whose score is at most `threshold`.
  package func interval(
    threshold: Double, within limits: ClosedRange<Double> = ConformalTable.anyNumber
  ) -> ClosedRange<Double> {
    (value - threshold...value + threshold).clamped(to: limits)
  }

  /// The classes whose score is at most `threshold`, and the chosen class in any case: an empty set
  /// would be no answer, and a larger one covers no less.
  package func classes(threshold: Double) -> [Int] {
    let (probabilities, chosen) = (probabilities, chosenClass)
    return probabilities.indices.filter { $0 == chosen || 1 - probabilities[$0] <= threshold }
  }
}
