import Glibc

/// Fast adaptive multitask optimization (Liu and others 2023, algorithm 1): all losses should fall at
/// the same relative rate.
///
/// With z = softmax(ξ), the factor of Lᵢ is zᵢ/Lᵢ over Σⱼ zⱼ/Lⱼ, the gradient of c·Σ zᵢ·log Lᵢ. After
/// a step ξ learns from how much each log L fell: a task that fell less gets more weight. The fall
/// is measured between the batches of neighboring steps, which costs nothing, where the authors'
/// program runs the same batch once more. Adam's L2 decay of ξ is that of their program.
package struct FAMO: BalancingMethod {
  package static let name = "famo"
  package static let startValue: Double? = 0
  private static let decay = 0.01
  private static let smallest = 1e-8
  private let tasks: BalancedTasks

  package init(_ tasks: BalancedTasks) { self.tasks = tasks }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    let shares = zip(softmax(state.values), losses).enumerated().map { task, pair in
      pair.1.isNaN || !tasks.isActive[task] ? 0 : pair.0 / (pair.1 + Self.smallest)
    }
    let sum = shares.reduce(0, +)
    return sum > 0 ? shares.map { $0 / sum } : shares
  }

  package func learn(_ losses: [Double], norms: [Double], _ state: inout BalancingState) {
    defer {
      // A task without a label in the step keeps the loss it had; 0 stands for none so far.
      let before = state.initialLosses.isEmpty ? losses.map { _ in 0 } : state.initialLosses
      state.initialLosses = zip(losses, before).map { $0.isNaN ? $1 : $0 }
    }
    guard !state.initialLosses.isEmpty else { return }
    let falls = losses.indices.map { task -> Double in
      let before = state.initialLosses[task]
      guard !losses[task].isNaN, before > 0, tasks.isActive[task] else { return 0 }
      return log(before + Self.smallest) - log(losses[task] + Self.smallest)
    }
    // The transposed derivative of the softmax, times the falls.
    let z = softmax(state.values)
    let mean = zip(z, falls).reduce(0) { $0 + $1.0 * $1.1 }
    let gradients = losses.indices.map { task in
      z[task] * (falls[task] - mean) + Self.decay * state.values[task]
    }
    state.adam(gradients, learningRate: tasks.settings.lr)
  }
}

extension BalanceSettings.Method {
  package static let famo = Self(FAMO.self)
}
