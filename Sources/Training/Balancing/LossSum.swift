import Experiment

/// The plain sum of the losses, each with its task's own weight.
struct LossSum: BalancingMethod {
  static let name = BalanceSettings.Method.sum

  init(_ tasks: BalancedTasks) {}
}
