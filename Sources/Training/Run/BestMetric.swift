import Experiment
import Reports

/// The figure that says which epoch of a run is best: its name, which way it points, and what takes
/// its place where there is nothing to validate on.
package struct BestMetric: RawRepresentable, Codable, Equatable, Sendable {
  /// The loss of the training images, for stores without a validation split.
  private static let trainingLoss = "train_loss"

  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// - Parameter name: one of `TrainSettings.metricNames`.
  package init(_ name: String, hasValidation: Bool) {
    rawValue = hasValidation ? name : Self.trainingLoss
  }

  package var name: String { rawValue }

  /// What the figure is, in words.
  package var explanation: String {
    switch name {
    case Self.trainingLoss: "the loss of the training images"
    case "loss": "the sum of the tasks' losses, each times its weight"
    case FigureName.combinedScore:
      "the tasks' mean of 1 - error / error of a constant answer"
    default: "the \(FigureName(name).title)"
    }
  }

  private var isHigherBetter: Bool { FigureName(name).direction == .higherIsBetter }

  /// The figure in an epoch's record; NaN where the record lacks it.
  package func value(of record: EpochRecord) -> Double {
    (name == Self.trainingLoss ? record.train["loss"] : record.validation[name]) ?? .nan
  }

  /// A number that is less for a better figure; infinite for NaN.
  func rank(_ value: Double) -> Double {
    value.isNaN ? .infinity : isHigherBetter ? -value : value
  }

  /// The best of some epochs, the first of equals.
  package func best(of records: [EpochRecord]) -> EpochRecord? {
    records.min { rank(value(of: $0)) < rank(value(of: $1)) }
  }
}

/// The epochs with the best figure so far, best first.
package struct BestEpochs: Codable, Equatable, Sendable {
  package struct Entry: Codable, Equatable, Sendable {
    /// Counted from 1.
    package var epoch: Int
    package var value: Double
  }

  /// What the entries' values are of: values of two metrics are never compared.
  package let metric: BestMetric
  package var entries: [Entry] = []

  package init(by metric: BestMetric) { self.metric = metric }

  /// Takes an epoch into the list of at most `limit`. Among equals the earlier one stays ahead; a
  /// figure that is NaN never enters, unless the list is empty.
  ///
  /// - Returns: whether the epoch is now the best, and the epochs that fell out.
  package mutating func add(_ record: EpochRecord, limit: Int) -> (
    isBest: Bool, isKept: Bool, dropped: [Int]
  ) {
    let epoch = record.epoch
    let rank = metric.rank(metric.value(of: record))
    let place = entries.firstIndex { rank < metric.rank($0.value) } ?? entries.count
    // JSON has no infinity; the largest number ranks the same.
    let largest = Double.greatestFiniteMagnitude
    let value = metric.rank(min(max(rank, -largest), largest))
    entries.insert(Entry(epoch: epoch, value: value), at: place)
    let dropped = entries.dropFirst(limit).map(\.epoch)
    entries.removeLast(max(0, entries.count - limit))
    return (entries.first?.epoch == epoch, entries.contains { $0.epoch == epoch }, dropped)
  }
}
