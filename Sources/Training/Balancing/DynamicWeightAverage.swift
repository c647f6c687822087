import Experiment

/// Dynamic weight average (Liu, Johns, Davison 2019, eq. 7): K·softmax(Lᵢ(t−1)/Lᵢ(t−2) / T) over the
/// mean losses of the last two epochs, and 1 in the first two epochs.
struct DynamicWeightAverage: BalancingMethod {
  static let name = BalanceSettings.Method.dwa
  private let tasks: BalancedTasks

  init(_ tasks: BalancedTasks) { self.tasks = tasks }

  func factors(_ losses: [Double], _ state: TaskBalancer.State, step: Int) -> [Double] {
    guard state.history.count == 2 else { return losses.map { _ in 1 } }
    let ratios = zip(state.history[1], state.history[0]).map { $1 > 0 ? $0 / $1 : 1 }
    return softmax(ratios.map { $0 / tasks.settings.temperature }).map { $0 * Double(tasks.count) }
  }

  func endEpoch(_ losses: [Double], _ state: inout TaskBalancer.State) {
    // A task without a label in the whole epoch keeps its loss.
    let known = losses.enumerated().map { task, loss in
      loss.isNaN ? state.history.last?[task] ?? 0 : loss
    }
    state.history = Array((state.history + [known]).suffix(2))
  }
}
