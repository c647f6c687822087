/// Impartial multi-task learning, the gradients' part (Liu and others 2021, IMTL-G, eq. 6): the sum
/// Σ αᵢ·gᵢ with Σ α = 1 whose projections on all the tasks' gradients are the same.
///
/// α₂… = g₁·Uᵀ·(D·Uᵀ)⁻¹ with rows dᵢ = g₁ − gᵢ of D and uᵢ = g₁/‖g₁‖ − gᵢ/‖gᵢ‖ of U. All of it is in
/// the matrix of inner products, so the long vectors are touched twice, as in `PCGrad`.
package struct IMTLG: BalancingMethod {
  package static let name = "imtl_g"
  package static let need = BalancingNeed.taskGradients

  package init(_ tasks: BalancedTasks) {}

  /// Tasks without a gradient in the step are left out: they have no direction. Where gradients
  /// are parallel, so that the system has no single solution, the mean is taken.
  package func coefficients(products: [[Double]], step: Int) -> [Double] {
    let known = products.indices.filter { products[$0][$0] > 0 }
    guard let first = known.first else { return products.map { _ in 0 } }
    var result = products.map { _ in 0.0 }
    let others = known.dropFirst()
    let norms = products.indices.map { products[$0][$0].squareRoot() }
    /// gₐ · uⱼ
    func projection(_ a: Int, _ j: Int) -> Double {
      products[a][first] / norms[first] - products[a][j] / norms[j]
    }
    // α·(D·Uᵀ) = g₁·Uᵀ, transposed: an equation for every j, an unknown for every i.
    let rows = others.map { j in
      others.map { i in projection(first, j) - projection(i, j) } + [projection(first, j)]
    }
    guard let alpha = solve(rows) else {
      for task in known { result[task] = 1 / Double(known.count) }
      return result
    }
    for (task, value) in zip(others, alpha) { result[task] = value }
    result[first] = 1 - alpha.reduce(0, +)
    return result
  }

  /// Gauss's elimination with pivots, on rows of coefficients and the right side; nil where a pivot
  /// vanishes against the largest coefficient.
  private func solve(_ system: [[Double]]) -> [Double]? {
    var rows = system
    let count = rows.count
    let largest = rows.flatMap { $0.dropLast() }.map { abs($0) }.max() ?? 1
    for column in 0..<count {
      guard let pivot = (column..<count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
        abs(rows[pivot][column]) > 1e-9 * largest
      else { return nil }
      rows.swapAt(column, pivot)
      for row in 0..<count where row != column {
        let factor = rows[row][column] / rows[column][column]
        for k in column...count { rows[row][k] -= factor * rows[column][k] }
      }
    }
    return (0..<count).map { rows[$0][count] / rows[$0][$0] }
  }
}

extension BalanceSettings.Method {
  package static let imtlG = Self(IMTLG.self)
}
