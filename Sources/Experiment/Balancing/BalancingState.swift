import Glibc

/// What a method has learned so far. Everything is Double: it is a few numbers per run.
package struct BalancingState: Sendable, Equatable, Codable {
  /// What the method learns, a number a task; see `BalancingMethod.startValue`.
  package var values: [Double] = []
  /// Adam's moments of `values`, and its step count.
  package var firstMoments: [Double] = []
  package var secondMoments: [Double] = []
  package var updates = 0
  /// Losses to measure later ones by, a number a task: of the first step (gradnorm), of the last
  /// one (famo).
  package var initialLosses: [Double] = []
  /// Mean losses of the epochs so far, at most the last two (dwa).
  package var history: [[Double]] = []

  package init() {}

  /// Forgets a task that is no longer trained.
  ///
  /// - Parameter index: its place among the tasks that were left.
  package mutating func remove(task index: Int) {
    let lists: [WritableKeyPath<Self, [Double]>] = [
      \.values, \.firstMoments, \.secondMoments, \.initialLosses,
    ]
    for list in lists where !self[keyPath: list].isEmpty {
      self[keyPath: list].remove(at: index)
    }
    for epoch in history.indices { history[epoch].remove(at: index) }
  }

  /// Adam (Kingma and Ba 2015) with its usual constants on `values`; those with a gradient of NaN
  /// stay as they are.
  mutating func adam(_ gradients: [Double], learningRate: Double) {
    updates += 1
    let first = 1 - pow(0.9, Double(updates))
    let second = 1 - pow(0.999, Double(updates))
    for (index, gradient) in gradients.enumerated() where !gradient.isNaN {
      firstMoments[index] = 0.9 * firstMoments[index] + 0.1 * gradient
      secondMoments[index] = 0.999 * secondMoments[index] + 0.001 * gradient * gradient
      let step = firstMoments[index] / first
      let size = (secondMoments[index] / second).squareRoot() + 1e-8
      values[index] -= learningRate * step / size
    }
  }
}
