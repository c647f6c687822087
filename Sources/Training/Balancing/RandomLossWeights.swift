import Experiment

/// Random loss weights (Lin and others 2022): K·softmax of normal draws, new in every step.
struct RandomLossWeights: BalancingMethod {
  static let name = BalanceSettings.Method.rlw
  private let tasks: BalancedTasks

  init(_ tasks: BalancedTasks) { self.tasks = tasks }

  func factors(_ losses: [Double], _ state: TaskBalancer.State, step: Int) -> [Double] {
    var random = CounterRandom(seed: tasks.seed, stream: UInt64(step))
    return softmax(losses.map { _ in random.nextNormal() }).map { $0 * Double(tasks.count) }
  }
}
