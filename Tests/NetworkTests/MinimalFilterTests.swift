import Network
import Testing

/// The small matrices of the minimal filters, as matrices: columns are what the steps make of unit
/// vectors.
@Suite struct MinimalFilterTests {
  private static func matrix<Step: FilterStep>(_: Step.Type) -> [[Double]] {
    var rows = [[Double]](
      repeating: [Double](repeating: .nan, count: Step.count), count: Step.resultCount)
    for column in 0..<Step.count {
      Step.run(
        { SIMD16(repeating: $0 == column ? 1 : 0) },
        { row, value in
          #expect(rows[row][column].isNaN, "every result is stored once")
          rows[row][column] = Double(value[0])
        })
    }
    return rows
  }

  private static func transposed(_ matrix: [[Double]]) -> [[Double]] {
    matrix[0].indices.map { column in matrix.map { $0[column] } }
  }

  /// Σ over products of Aᵀ[o][p] · G[p][t] · Bᵀ[p][i] is 1 where output o meets input i through tap
  /// t, and 0 elsewhere.
  private static func expectCorrelation<Filter: MinimalFilter>(_: Filter.Type, margin: Int) {
    let (a, g, b) = (
      matrix(Filter.Output.self), matrix(Filter.Weight.self), matrix(Filter.Input.self)
    )
    for (output, a) in a.enumerated() {
      for tap in 0..<3 {
        for input in b[0].indices {
          let sum = a.indices.reduce(0.0) { $0 + a[$1] * g[$1][tap] * b[$1][input] }
          // The tile's first input is `margin` pixels before its first output.
          let meets = input == output + tap - 1 + margin
          #expect(abs(sum - (meets ? 1 : 0)) < 2e-6, "\(Filter.self) \(output) \(tap) \(input)")
        }
      }
    }
  }

  @Test func productsMakeCorrelations() {
    Self.expectCorrelation(PairFilter.self, margin: 0)
    Self.expectCorrelation(QuadFilter.self, margin: 1)
  }

  private static func expectTransposes<Filter: MinimalFilter>(_: Filter.Type) {
    #expect(matrix(Filter.InputGradient.self) == transposed(matrix(Filter.Input.self)))
    #expect(matrix(Filter.OutputGradient.self) == transposed(matrix(Filter.Output.self)))
    let pairs = zip(
      matrix(Filter.WeightGradient.self).joined(),
      transposed(matrix(Filter.Weight.self)).joined())
    for (own, other) in pairs { #expect(abs(own - other) < 1e-6) }
  }

  @Test func gradientsAreTheTransposedSteps() {
    Self.expectTransposes(PairFilter.self)
    Self.expectTransposes(QuadFilter.self)
  }

  /// Both directions: a step along columns and rows is its matrix on both sides.
  @Test func bothSidesAreTransformed() {
    let values = Formula.noise("tile", 36).map { Double($0) }
    let b = Self.matrix(QuadFilter.Input.self)
    withUnsafeTemporaryAllocation(of: SIMD16<Float>.self, capacity: 36) { between in
      guard let base = between.baseAddress else { return }
      QuadFilter.Input.runBoth(
        between: base, { SIMD16(repeating: Float(values[$0 * 6 + $1])) },
        { p, q, value in
          var sum = 0.0
          for y in 0..<6 {
            for x in 0..<6 { sum += b[p][y] * values[y * 6 + x] * b[q][x] }
          }
          #expect(abs(Double(value[3]) - sum) < 1e-5)
        })
    }
  }
}
