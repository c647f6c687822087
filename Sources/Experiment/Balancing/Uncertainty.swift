import Glibc

/// Learned uncertainty (Kendall, Gal, Cipolla 2018, eq. 7 and 10): the factor is exp(−sᵢ)/2 for a
/// regression and exp(−sᵢ) for a classification, with sᵢ = log σᵢ² learned by Adam.
package struct Uncertainty: BalancingMethod {
  package static let name = "uncertainty"
  package static let startValue: Double? = 0
  private let tasks: BalancedTasks

  package init(_ tasks: BalancedTasks) { self.tasks = tasks }

  private func scale(_ task: Int) -> Double { tasks.kinds[task] == .regression ? 0.5 : 1 }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    state.values.enumerated().map { scale($0) * exp(-$1) }
  }

  package func total(_ losses: [Double], sum: Double, _ state: BalancingState) -> Double {
    sum + state.values.reduce(0) { $0 + $1 / 2 }
  }

  package func learn(_ losses: [Double], norms: [Double], _ state: inout BalancingState) {
    // d/ds of c·exp(−s)·L + s/2, with c = 1/2 for a regression and log σ = s/2.
    let gradients = losses.enumerated().map { task, loss in
      0.5 - scale(task) * exp(-state.values[task]) * loss
    }
    state.adam(gradients, learningRate: tasks.settings.lr)
  }
}

extension BalanceSettings.Method {
  package static let uncertainty = Self(Uncertainty.self)
}
