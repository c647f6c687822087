import Glibc

/// Geometric loss (Chennupati and others 2019, eq. 4): the objective is (Π L)^(1/K), so the factor is
/// its derivative by Lᵢ. A task without weight is not a factor of the product.
package struct GeometricLoss: BalancingMethod {
  package static let name = "gls"
  private let tasks: BalancedTasks

  package init(_ tasks: BalancedTasks) { self.tasks = tasks }

  /// The losses in the product; nil for a task that is not in it. A loss of 0 has no logarithm.
  private func terms(_ losses: [Double]) -> [Double?] {
    zip(losses, tasks.isActive).map { $1 && !$0.isNaN ? max($0, 1e-12) : nil }
  }

  private func mean(_ terms: [Double?]) -> (value: Double, count: Double) {
    let logs = terms.compactMap { $0.map { log($0) } }
    let count = Double(logs.count)
    return (logs.isEmpty ? 0 : exp(logs.reduce(0, +) / count), count)
  }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    let terms = terms(losses)
    let (mean, count) = mean(terms)
    return terms.map { $0.map { mean / (count * $0) } ?? 0 }
  }

  package func total(_ losses: [Double], sum: Double, _ state: BalancingState) -> Double {
    mean(terms(losses)).value
  }
}

extension BalanceSettings.Method {
  package static let gls = Self(GeometricLoss.self)
}
