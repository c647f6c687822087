import Experiment
import Foundation

/// Learned uncertainty (Kendall, Gal, Cipolla 2018, eq. 7 and 10): the factor is exp(−sᵢ)/2 for a
/// regression and exp(−sᵢ) for a classification, with sᵢ = log σᵢ² learned by Adam.
struct Uncertainty: BalancingMethod {
  static let name = BalanceSettings.Method.uncertainty
  static let startValue: Double? = 0
  private let tasks: BalancedTasks

  init(_ tasks: BalancedTasks) { self.tasks = tasks }

  private func scale(_ task: Int) -> Double { tasks.kinds[task] == .regression ? 0.5 : 1 }

  func factors(_ losses: [Double], _ state: TaskBalancer.State, step: Int) -> [Double] {
    state.values.enumerated().map { scale($0) * exp(-$1) }
  }

  func total(_ losses: [Double], sum: Double, _ state: TaskBalancer.State) -> Double {
    sum + state.values.reduce(0) { $0 + $1 / 2 }
  }

  func learn(_ losses: [Double], norms: [Double], _ state: inout TaskBalancer.State) {
    // d/ds of c·exp(−s)·L + s/2, with c = 1/2 for a regression and log σ = s/2.
    let gradients = losses.enumerated().map { task, loss in
      0.5 - scale(task) * exp(-state.values[task]) * loss
    }
    state.adam(gradients, learningRate: tasks.settings.lr)
  }
}
