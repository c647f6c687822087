import Experiment
import Glibc

/// The one number that the logits of a class head are divided by, so that its probabilities are as
/// large as it is often right. The chosen class does not change.
///
/// Source: Guo et al., ICML 2017, section 4.2.
package enum Temperature {
  /// Where the best value is looked for; a head without errors has none, and gets a bound.
  package static let range = 0.05...20.0

  /// The temperature that minimizes the mean negative log-likelihood.
  ///
  /// The likelihood is convex in β = 1 / T, so the root of its derivative, Σ (Σₖ pₖ zₖ − z of the
  /// label), is found by bisection.
  ///
  /// - Parameters:
  ///   - outputs: of a class head, [samples][outputs].
  ///   - labels: the class of each sample, all known.
  package static func fit(
    _ kind: TaskSettings.Kind, outputs: [Float], labels: [Float]
  ) -> Double {
    precondition(kind != .regression, "a number has no temperature")
    let width = outputs.count / max(1, labels.count)
    let rows = labels.indices.map { sample in
      // A binary logit is the difference of two logits.
      (kind == .binary ? [0] : [])
        + outputs[sample * width..<(sample + 1) * width].map { Double($0) }
    }
    func slope(_ inverse: Double) -> Double {
      zip(rows, labels).reduce(0) { sum, pair in
        let (row, label) = pair
        let probabilities = softmax(row.map { $0 * inverse })
        return sum + zip(row, probabilities).reduce(0) { $0 + $1.0 * $1.1 }
          - row[Int(label.rounded())]
      }
    }
    var (low, high) = (log(1 / range.upperBound), log(1 / range.lowerBound))
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if slope(exp(middle)) < 0 { low = middle } else { high = middle }
    }
    return exp(-(low + high) / 2)
  }
}
