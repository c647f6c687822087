import Foundation

extension TaskBalancer {
  /// One update of GradNorm's weights (Chen and others 2018, algorithm 1).
  ///
  /// Gᵢ = wᵢ·‖∂Lᵢ/∂W‖, target = mean(G)·rᵢ^α with rᵢ the relative inverse training rate
  /// (Lᵢ/Lᵢ(0)) / mean over tasks. The target is a constant in the gradient of Σ|Gᵢ − target|.
  mutating func learnGradNorm(losses: [Float], norms: [Float]) {
    let losses = weighted(losses)
    let norms = zip(norms, ownWeights).map { Double($0) * $1 }
    if state.initialLosses.isEmpty { state.initialLosses = losses.map { max($0, 1e-12) } }
    let count = Double(losses.count)
    let scaled = zip(state.values, norms).map { $0 * $1 }
    let mean = scaled.reduce(0, +) / count
    let ratios = zip(losses, state.initialLosses).map { $0 / $1 }
    let meanRatio = max(ratios.reduce(0, +) / count, 1e-12)
    let gradients = losses.indices.map { index -> Double in
      let target = mean * pow(ratios[index] / meanRatio, settings.alpha)
      let difference = scaled[index] - target
      return difference == 0 ? 0 : (difference > 0 ? norms[index] : -norms[index])
    }
    adam(gradients)
    // A weight below zero would reward a loss; the paper's sum of the weights is kept.
    let positive = state.values.map { max($0, 1e-3) }
    let sum = positive.reduce(0, +)
    state.values = positive.map { $0 * count / sum }
  }

  /// Adam (Kingma and Ba 2015) with its usual constants on `state.values`.
  mutating func adam(_ gradients: [Double]) {
    state.updates += 1
    let first = 1 - pow(0.9, Double(state.updates))
    let second = 1 - pow(0.999, Double(state.updates))
    for (index, gradient) in gradients.enumerated() {
      state.firstMoments[index] = 0.9 * state.firstMoments[index] + 0.1 * gradient
      state.secondMoments[index] =
        0.999 * state.secondMoments[index] + 0.001 * gradient * gradient
      let step = state.firstMoments[index] / first
      let size = (state.secondMoments[index] / second).squareRoot() + 1e-8
      state.values[index] -= settings.lr * step / size
    }
  }
}
