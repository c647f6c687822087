import Glibc

/// The bins of a head that gives a distribution of a number: one logit a bin.
///
/// ```swift
/// let years = DistributionBins(from: 0, through: 116, width: 1)   // 117 bins: 0, 1, … 116 years
/// years?.answer(.median, logits)
/// ```
package struct DistributionBins: Hashable, Sendable {
  /// The one number that a distribution is read as.
  package enum Answer: String, CaseIterable, Sendable {
    /// The least value whose cumulative probability reaches one half: it has the least expected
    /// absolute error.
    case median
    /// The expectation: it has the least expected squared error.
    case mean
    /// The most probable value.
    case mode
  }

  package static let counts = 2...1000

  package let first: Double
  package let width: Double
  package let count: Int

  /// Bins at `low`, `low + width`, … as far as needed to reach `high`; nil where their number is not
  /// one of `counts`.
  package init?(from low: Double, through high: Double, width: Double) {
    // What rounding leaves over is not a bin of its own.
    let steps = ((high - low) / width - 1e-6).rounded(.up)
    guard steps >= 1, steps < Double(Self.counts.upperBound) else { return nil }
    first = low
    self.width = width
    count = Int(steps) + 1
  }

  package func value(_ index: Int) -> Double { first + Double(index) * width }

  /// - Parameter logits: one a bin.
  /// - Returns: NaN where the logits are not finite.
  package func answer(_ answer: Answer, _ logits: [Float]) -> Double {
    let probabilities = softmax(logits.map { Double($0) })
    guard probabilities.allSatisfy(\.isFinite) else { return .nan }
    switch answer {
    case .median: return quantiles([0.5], of: probabilities)[0]
    case .mean:
      return probabilities.enumerated().reduce(0) { $0 + $1.element * value($1.offset) }
    case .mode:
      return value(HeadAnswer(.categorical, logits[...]).chosenClass)
    }
  }

  /// For each share the least value whose cumulative probability reaches it; the median for 0.5.
  ///
  /// - Parameters:
  ///   - shares: from 0 to 1, ascending.
  ///   - logits: one a bin.
  /// - Returns: NaNs where the logits are not finite.
  package func quantiles(_ shares: [Double], _ logits: [Float]) -> [Double] {
    let probabilities = softmax(logits.map { Double($0) })
    guard probabilities.allSatisfy(\.isFinite) else { return shares.map { _ in .nan } }
    return quantiles(shares, of: probabilities)
  }

  private func quantiles(_ shares: [Double], of probabilities: [Double]) -> [Double] {
    var (index, cumulative) = (0, probabilities[0])
    return shares.map { share in
      while cumulative < share, index < count - 1 {
        index += 1
        cumulative += probabilities[index]
      }
      return value(index)
    }
  }
}
