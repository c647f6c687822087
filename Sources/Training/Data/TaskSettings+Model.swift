import Experiment
import Network

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

  /// - Parameter counts: by task, training samples by class; empty arrays where none are known.
  func modelConfiguration(counts: [[Int]]) throws -> HydraConfiguration {
    try HydraConfiguration(
      kind: model.name, architecture: model.trunk,
      tasks: zip(tasks, counts).map { $0.resolved(counts: $1) })
  }
}
