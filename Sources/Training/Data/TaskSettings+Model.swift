import Experiment
import Network
import Store
import Terminal

extension TaskSettings {
  /// The task with balanced class weights written out as numbers.
  ///
  /// - Parameter counts: training samples by class.
  func resolved(counts: [Int]) -> TaskSettings {
    guard classWeights == .balanced else { return self }
    var task = self
    task.classWeights = .list(balancedWeights(counts))
    return task
  }

  /// The task with the range of its distribution written out: each end as the column states it, or
  /// else from the training labels.
  ///
  /// - Throws: `TrainingError` where nothing says it, or where it makes too few or too many values.
  func withRange(from split: SplitReader?, store: String) throws -> TaskSettings {
    guard isDistribution, range.isEmpty else { return self }
    let stated = split?.columns.first { $0.name == column }
    let labels = try split?.column(column).floats.filter(\.isFinite) ?? []
    guard let low = stated?.minimum ?? labels.min().map({ Double($0) }),
      let high = stated?.maximum ?? labels.max().map({ Double($0) })
    else {
      throw TrainingError(
        "task \(name): neither column \(column) of \(store) nor its training labels say a range; "
          + "give the task one, such as range: [0, 100]")
    }
    var task = self
    task.range = [low, high]
    guard task.distributionBins != nil else {
      let counts = DistributionBins.counts
      throw TrainingError(
        "task \(name): column \(column) of \(store) runs from \(fixed(low, 1)) to "
          + "\(fixed(high, 1)), which is not \(counts.lowerBound) to \(counts.upperBound) values "
          + "\(binWidth) apart; give the task another bin_width or range, or loss: l1")
    }
    return task
  }
}

extension TrainSettings {
  /// The settings with balanced class weights written out, so that they mean the same elsewhere.
  ///
  /// - Parameter counts: by task, training samples by class.
  package func withClassWeights(counts: [[Int]]) -> TrainSettings {
    var settings = self
    settings.tasks = zip(tasks, counts).map { $0.resolved(counts: $1) }
    return settings
  }

  /// - Parameters:
  ///   - counts: by task, training samples by class; empty arrays where none are known.
  ///   - precision: of training; float for a network that is only evaluated, which any processor can.
  func modelConfiguration(counts: [[Int]], precision: TrainingPrecision = .f32) throws
    -> HydraConfiguration
  {
    try HydraConfiguration(
      kind: model.name, architecture: model.trunk, stemPool: model.stemPool,
      tasks: zip(tasks, counts).map { $0.resolved(counts: $1) }, precision: precision)
  }
}
