import Experiment
import Metrics
import Terminal

/// Whether an image is also seen in the mirror when the network answers.
package enum TestTimeAugmentation: String, CaseIterable, Sendable {
  case none
  /// The mean of the outputs for the image and for its mirror image: of logits for classes.
  case mirror
}

/// How a network's outputs become answers: mirrored or not, and each class head's temperature.
package struct AnswerRule: Sendable, Equatable {
  package var augmentation = TestTimeAugmentation.none
  /// By task, what its logits are divided by; empty for all as they are.
  package var temperatures: [String: Double] = [:]

  /// Which regions to give beside the answers; nil for none.
  package var coverage: Coverage?

  /// How far the truth may be from an answer, for a share of the samples.
  package struct Coverage: Sendable, Equatable {
    package let percent: Int
    /// By task; see `ConformalTable`.
    package let thresholds: [String: Double]
    /// By task, the numbers that an interval may hold.
    package let limits: [String: ClosedRange<Double>]

    /// A share such as 0.9 in percent; nil for what a `ConformalTable` does not have.
    package static func percent(of share: Double) -> Int? {
      guard share > 0, share < 1 else { return nil }
      let percent = Int((100 * share).rounded())
      return abs(100 * share - Double(percent)) < 1e-9 && ConformalTable.percents.contains(percent)
        ? percent : nil
    }
  }

  package init(
    augmentation: TestTimeAugmentation = .none, temperatures: [String: Double] = [:]
  ) {
    self.augmentation = augmentation
    self.temperatures = temperatures
  }

  /// What differs from the plain network, for people: "mean of each image and its mirror image".
  package var remarks: [String] {
    var remarks: [String] = []
    if augmentation == .mirror { remarks.append("mean of each image and its mirror image") }
    if !temperatures.isEmpty {
      let list = temperatures.sorted { $0.key < $1.key }.map { "\($0.key) \(fixed($0.value, 3))" }
      remarks.append("temperatures: \(list.joined(separator: ", "))")
    }
    return remarks
  }
}
