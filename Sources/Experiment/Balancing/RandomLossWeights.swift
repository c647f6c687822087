/// Random loss weights (Lin and others 2022): K·softmax of normal draws, new in every step.
package struct RandomLossWeights: BalancingMethod {
  package static let name = "rlw"
  private let tasks: BalancedTasks

  package init(_ tasks: BalancedTasks) { self.tasks = tasks }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    var random = CounterRandom(seed: tasks.seed, stream: UInt64(step))
    return softmax(losses.map { _ in random.nextNormal() }).map { $0 * Double(tasks.count) }
  }
}

extension BalanceSettings.Method {
  package static let rlw = Self(RandomLossWeights.self)
}
