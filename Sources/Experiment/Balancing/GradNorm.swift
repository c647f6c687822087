import Glibc

/// Gradient normalization (Chen and others 2018, algorithm 1): learned factors with Σ = K.
///
/// Gᵢ = wᵢ·‖∂Lᵢ/∂W‖, target = mean(G)·rᵢ^α with rᵢ the relative inverse training rate
/// (Lᵢ/Lᵢ(0)) / mean over tasks. The target is a constant in the gradient of Σ|Gᵢ − target|.
package struct GradNorm: BalancingMethod {
  package static let name = "gradnorm"
  package static let need = BalancingNeed.gradientNorms
  package static let startValue: Double? = 1
  private let tasks: BalancedTasks

  package init(_ tasks: BalancedTasks) { self.tasks = tasks }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    state.values
  }

  package func learn(_ losses: [Double], norms: [Double], _ state: inout BalancingState) {
    // Tasks without a label in the step take no part; 0 stands for a first loss not yet seen.
    if state.initialLosses.isEmpty { state.initialLosses = losses.map { _ in 0 } }
    let known = losses.indices.filter { !losses[$0].isNaN }
    guard !known.isEmpty else { return }
    for task in known where state.initialLosses[task] == 0 {
      state.initialLosses[task] = max(losses[task], 1e-12)
    }
    let count = Double(known.count)
    let scaled = zip(state.values, norms).map { $0 * $1 }
    let mean = known.reduce(0) { $0 + scaled[$1] } / count
    let ratios = zip(losses, state.initialLosses).map { $0 / $1 }
    let meanRatio = max(known.reduce(0) { $0 + ratios[$1] } / count, 1e-12)
    let gradients = losses.indices.map { task -> Double in
      guard !losses[task].isNaN else { return .nan }
      let target = mean * pow(ratios[task] / meanRatio, tasks.settings.alpha)
      let difference = scaled[task] - target
      return difference == 0 ? 0 : (difference > 0 ? norms[task] : -norms[task])
    }
    state.adam(gradients, learningRate: tasks.settings.lr)
    // A weight below zero would reward a loss; the paper's sum of the weights is kept.
    let positive = state.values.map { max($0, 1e-3) }
    let sum = positive.reduce(0, +)
    state.values = positive.map { $0 * Double(tasks.count) / sum }
  }
}

extension BalanceSettings.Method {
  package static let gradnorm = Self(GradNorm.self)
}
