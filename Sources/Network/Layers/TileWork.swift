/// A loop of independent tasks over tiles: a part of a parallel region.
protocol TileWork {
  /// What the time is booked on.
  var phase: StepPhase { get }
  var taskCount: Int { get }
  /// The layer that it belongs to, and what it does for it.
  var label: WorkLabel { get }
  /// What its tasks compute and move together.
  var cost: WorkCost { get }
  /// Runs one task. Tasks write different memory, each in an order of its own, so that results do
  /// not depend on threads.
  func run(task: Int, on worker: TileWorker)
}

/// The parts of a training step that a benchmark tells apart.
package enum StepPhase: String, CaseIterable, Sendable {
  case convolutionForward = "convolution forward"
  case transforms = "filter transforms"
  case inputGradient = "input gradient"
  case weightGradient = "weight gradient"
  case stem = "first convolution"
  case normalization = "normalization and ReLU"
  case pooling = "pooling"
  case heads = "heads"
  case packing = "weight packing"
  case optimizer = "optimizer"
}
