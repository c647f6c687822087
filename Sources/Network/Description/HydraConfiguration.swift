import Experiment

/// What a network consists of: a trunk, a head for every task, and what is between.
package struct HydraConfiguration: Hashable, Sendable {
  package let kind: NetworkKind
  package let architecture: TrunkArchitecture
  package let stemPool: StemPool
  package let tasks: [TaskSettings]
  /// Of training passes; evaluation is in float.
  package let precision: TrainingPrecision

  /// - Throws: `ModelError` for no task, a name that appears twice, or class weights or a range that
  ///   are still to be computed; `PipelineError` for a task whose values do not fit together.
  package init(
    kind: NetworkKind = .hydraNet, architecture: TrunkArchitecture = .resNet18,
    stemPool: StemPool = .max, tasks: [TaskSettings], precision: TrainingPrecision = .f32
  ) throws {
    guard !tasks.isEmpty else { throw ModelError("a model has at least one task, but got none") }
    var names = Set<String>()
    for task in tasks {
      guard names.insert(task.name).inserted else {
        throw ModelError("task \(task.name) appears twice: give every task a name of its own")
      }
      try task.validate("task \(task.name)", .flags)
      guard task.classWeights != .balanced else {
        throw ModelError(
          "task \(task.name): balanced class weights must be numbers before a network is made")
      }
      guard !task.isDistribution || task.distributionBins != nil else {
        throw ModelError(
          "task \(task.name): the range of its distribution is not known; give the task a range, "
            + "such as [0, 100]")
      }
    }
    self.kind = kind
    self.architecture = architecture
    self.stemPool = stemPool
    self.tasks = tasks
    self.precision = precision
  }
}
