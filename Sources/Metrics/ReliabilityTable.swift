import Experiment

/// How often a head is right when it says how sure it is: samples by the probability of the class
/// that they were given, in bins of equal width.
///
/// Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017,
/// section 2.
package struct ReliabilityTable: Sendable, Equatable {
  package struct Bin: Sendable, Equatable {
    package let count: Int
    /// Mean probability of the chosen class; 0 in an empty bin.
    package let confidence: Double
    /// Share of the samples whose chosen class is right; 0 in an empty bin.
    package let accuracy: Double
  }

  package static let binCount = 15

  /// Bin b holds confidences above b / 15 and up to (b + 1) / 15.
  package let bins: [Bin]

  /// - Parameters:
  ///   - outputs: of a class head, [samples][outputs].
  ///   - labels: the class of each sample, all known.
  package init(_ kind: TaskSettings.Kind, outputs: [Float], labels: [Float]) {
    precondition(kind != .regression, "a number has no confidence")
    let width = outputs.count / max(1, labels.count)
    var sums = [(count: Int, confidence: Double, right: Int)](
      repeating: (0, 0, 0), count: Self.binCount)
    for (sample, label) in labels.enumerated() {
      let answer = HeadAnswer(kind, outputs[sample * width..<(sample + 1) * width])
      let confidence = answer.probabilities[answer.chosenClass]
      guard confidence.isFinite else { continue }
      let place = Int((confidence * Double(Self.binCount)).rounded(.up)) - 1
      let bin = min(max(place, 0), Self.binCount - 1)
      sums[bin].count += 1
      sums[bin].confidence += confidence
      sums[bin].right += answer.chosenClass == Int(label.rounded()) ? 1 : 0
    }
    bins = sums.map { sum in
      let scale = 1 / Double(max(1, sum.count))
      return Bin(
        count: sum.count, confidence: sum.confidence * scale, accuracy: Double(sum.right) * scale)
    }
  }

  /// Mean distance of confidence and accuracy, each bin weighted by its samples.
  package var expectedCalibrationError: Double {
    let count = bins.reduce(0) { $0 + $1.count }
    return bins.reduce(0) { $0 + Double($1.count) * abs($1.confidence - $1.accuracy) }
      / Double(max(1, count))
  }
}
