/// Gradient surgery (Yu and others 2020, algorithm 1): a task's gradient loses the part that points
/// against another task's gradient.
///
/// The result is a linear combination of the tasks' gradients, and every projection needs only
/// their inner products. So it is worked out on the matrix of inner products, a few numbers, and
/// the long vectors are touched twice: once for the products, once for the sum.
package struct PCGrad: BalancingMethod {
  package static let name = "pcgrad"
  package static let need = BalancingNeed.taskGradients
  private let seed: UInt64

  package init(_ tasks: BalancedTasks) { seed = tasks.seed }

  package func coefficients(products: [[Double]], step: Int) -> [Double] {
    Self.coefficients(
      products: products,
      orders: Self.orders(taskCount: products.count, seed: seed, step: step))
  }

  /// Coefficients a with Σᵢ gᵢ^PC = Σₖ aₖ·gₖ.
  ///
  /// - Parameters:
  ///   - products: K×K inner products gᵢ·gⱼ of the shared parameters' gradients.
  ///   - orders: for each task i, the order in which it meets the other tasks.
  package static func coefficients(products: [[Double]], orders: [[Int]]) -> [Double] {
    let count = products.count
    var total = [Double](repeating: 0, count: count)
    for i in 0..<count {
      var own = [Double](repeating: 0, count: count)
      own[i] = 1
      for j in orders[i] where j != i && products[j][j] > 0 {
        let dot = (0..<count).reduce(0.0) { $0 + own[$1] * products[$1][j] }
        if dot < 0 { own[j] -= dot / products[j][j] }
      }
      for k in 0..<count { total[k] += own[k] }
    }
    return total
  }

  /// The random orders of step `step`, the same in every run with this seed.
  package static func orders(taskCount: Int, seed: UInt64, step: Int) -> [[Int]] {
    var random = CounterRandom(seed: seed ^ 0x9C6D_62A1, stream: UInt64(step))
    return (0..<taskCount).map { task in
      (0..<taskCount).filter { $0 != task }.shuffled(using: &random)
    }
  }
}

extension BalanceSettings.Method {
  package static let pcgrad = Self(PCGrad.self)
}
