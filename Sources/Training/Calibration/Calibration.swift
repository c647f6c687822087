import Checksums
import Experiment
import Metrics
import Store

/// What makes a model's answers honest: a temperature for each class head, and how far the truth may
/// be from an answer. Kept in a file beside the weights.
package struct Calibration: Sendable, Equatable {
  package struct Head: Sendable, Equatable {
    package let kind: TaskSettings.Kind
    /// What the logits are divided by; 1 for a regression.
    package let temperature: Double
    package let conformal: ConformalTable
    /// The numbers that the label's column may hold: an interval goes no further.
    package let limits: ClosedRange<Double>
  }

  /// Of the file of weights.
  package let weightsSHA256: String
  /// The store that it was fitted on.
  package let store: StoreIdentity
  /// The split whose one half it was fitted on.
  package let split: String
  package let fittedCount: Int
  package let augmentation: TestTimeAugmentation
  package let heads: [String: Head]

  package init(
    weightsSHA256: String, store: StoreIdentity, split: String, fittedCount: Int,
    augmentation: TestTimeAugmentation, heads: [String: Head]
  ) {
    self.store = store
    self.weightsSHA256 = weightsSHA256
    self.split = split
    self.fittedCount = fittedCount
    self.augmentation = augmentation
    self.heads = heads
  }

  /// How the network answers with it.
  ///
  /// - Parameter requested: nil for what it was fitted with.
  /// - Throws: `TrainingError` where another augmentation is asked for: its temperatures and
  ///   intervals would not hold.
  package func rule(augmentation requested: TestTimeAugmentation?) throws -> AnswerRule {
    guard requested ?? augmentation == augmentation else {
      throw TrainingError(
        "the weights were calibrated with --tta \(augmentation.rawValue), got --tta "
          + "\(requested?.rawValue ?? ""); leave --tta out, calibrate again, or give --uncalibrated"
      )
    }
    return AnswerRule(
      augmentation: augmentation,
      temperatures: heads.filter { $0.value.kind != .regression }.mapValues(\.temperature))
  }

  /// - Throws: `TrainingError` where too few samples were held out for that coverage.
  package func coverage(percent: Int) throws -> AnswerRule.Coverage {
    let thresholds = heads.mapValues { $0.conformal[percent: percent] }
    for (task, threshold) in thresholds.sorted(by: { $0.key < $1.key }) where !threshold.isFinite {
      throw TrainingError(
        "\(task) was calibrated on too few images for a coverage of \(percent) %; ask for less, or "
          + "calibrate on a larger split")
    }
    return AnswerRule.Coverage(
      percent: percent, thresholds: thresholds, limits: heads.mapValues(\.limits))
  }

  /// What there is to say where weights with the calibration at `path` are measured on a split.
  package func notice(path: String, on split: String, of measured: StoreIdentity) -> String {
    let place = "the \(self.split) split of"
    if split == self.split, store.hasSameMembers(as: measured, split: split) == true {
      return "warning: \(path) was fitted on one half of this split, so losses and calibration "
        + "errors here are too low; calibrate measures the other half"
    }
    guard !store.hasSameContent(as: measured) else {
      return "note: calibrated by \(path), fitted on \(place) this store"
    }
    return "note: calibrated by \(path), fitted on \(place) another store; on photographs that are "
      + "in both, losses and calibration errors are too low"
  }

  /// Whether a sample is of the half that is fitted on, not of the half that is reported on: by a
  /// hash of its source, so that equal photographs are on one side.
  static func isFitted(_ source: SourceHash) -> Bool {
    SplitMix64.mix(source.prefix ^ 0x6361_6c69_6272_6174) & 1 == 0
  }
}
