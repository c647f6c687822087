/// Dynamic weight average (Liu, Johns, Davison 2019, eq. 7): K·softmax(Lᵢ(t−1)/Lᵢ(t−2) / T) over the
/// mean losses of the last two epochs, and 1 in the first two epochs.
package struct DynamicWeightAverage: BalancingMethod {
  package static let name = "dwa"
  private let tasks: BalancedTasks

  package init(_ tasks: BalancedTasks) { self.tasks = tasks }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    guard state.history.count == 2 else { return losses.map { _ in 1 } }
    let ratios = zip(state.history[1], state.history[0]).map { $1 > 0 ? $0 / $1 : 1 }
    return softmax(ratios.map { $0 / tasks.settings.temperature }).map { $0 * Double(tasks.count) }
  }

  package func endEpoch(_ losses: [Double], _ state: inout BalancingState) {
    // A task without a label in the whole epoch keeps its loss.
    let known = losses.enumerated().map { task, loss in
      loss.isNaN ? state.history.last?[task] ?? 0 : loss
    }
    state.history = Array((state.history + [known]).suffix(2))
  }
}

extension BalanceSettings.Method {
  package static let dwa = Self(DynamicWeightAverage.self)
}
