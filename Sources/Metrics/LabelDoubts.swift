import Experiment

/// Labels that a model contradicts. Best asked of a model that has not learned from the samples: it
/// repeats the wrong labels that it was trained on.
package enum LabelDoubts {
  /// A label, and what the model says instead.
  package struct Doubt: Equatable, Sendable {
    package let sample: Int
    /// The model's class, or its number.
    package let answer: Double
    /// Of a class, how much more probable the model holds it than the label; of a number, the
    /// distance from the label in robust deviations.
    package let score: Double
  }

  /// The off-diagonal samples of the confident joint (Northcutt et al., "Confident Learning", JAIR
  /// 2021, section 3.1): the model is as sure of another class as it is on average of those that
  /// are labeled so.
  ///
  /// - Parameters:
  ///   - answers: of a class head, one a sample.
  ///   - labels: a class a sample; NaN where it is missing.
  /// - Returns: in the order of the samples.
  package static func classes(_ answers: [HeadAnswer], labels: [Float]) -> [Doubt] {
    let rows = answers.map(\.probabilities)
    let width = rows.first?.count ?? 0
    var (sums, counts) = ([Double](repeating: 0, count: width), [Int](repeating: 0, count: width))
    for (row, label) in zip(rows, labels) where !label.isNaN {
      sums[Int(label)] += row[Int(label)]
      counts[Int(label)] += 1
    }
    // Nothing is as sure as a class that no label has.
    let thresholds = zip(sums, counts).map { $1 == 0 ? .infinity : $0 / Double($1) }
    return zip(rows, labels).enumerated().compactMap { sample, pair in
      let (row, label) = pair
      guard !label.isNaN,
        let best = row.indices.filter({ row[$0] >= thresholds[$0] }).max(by: { row[$0] < row[$1] }),
        best != Int(label)
      else { return nil }
      return Doubt(sample: sample, answer: Double(best), score: row[best] - row[Int(label)])
    }
  }

  /// Numbers further from the model's than `limit` robust deviations of its errors: 1.4826 times
  /// their median, as in Iglewicz and Hoaglin, 1993.
  package static func numbers(
    _ answers: [Double], labels: [Float], limit: Double
  ) -> [Doubt] {
    let errors = zip(answers, labels).map { abs($0 - Double($1)) }
    let known = errors.filter { !$0.isNaN }.sorted()
    guard let median = known.isEmpty ? nil : known[known.count / 2], median > 0 else { return [] }
    return errors.indices.compactMap { sample in
      let score = errors[sample] / (1.4826 * median)
      return score > limit ? Doubt(sample: sample, answer: answers[sample], score: score) : nil
    }
  }
}
