import Experiment

/// How far the labels of two splits are apart, by column. Distances are between 0 (equal) and 1
/// (nothing in common).
package struct LabelDrift: Encodable, Equatable, Sendable {
  package struct ColumnDrift: Encodable, Equatable, Sendable {
    /// Of a number, the Kolmogorov–Smirnov distance: the largest difference of the two cumulative
    /// shares. Of a class, the total variation: half the sum of the differences of the shares.
    package let distance: Double
    /// Of a number, what the distance stays below in 95 of 100 random splits of these sizes:
    /// 1.358·√((n+m)/(n·m)).
    package let limit: Double?
    /// Of a number, the second split's mean minus the first's.
    package let meanDifference: Double?

    enum CodingKeys: String, CodingKey {
      case distance, limit
      case meanDifference = "mean_difference"
    }
  }

  package let columns: [String: ColumnDrift]
  package let order: [String]

  package func encode(to encoder: any Encoder) throws { try columns.encode(to: encoder) }

  /// The drift of every column that has known labels in both splits; nil where none has.
  ///
  /// - Parameter columns: each with the values of two splits, NaN where one is missing.
  package init?(_ columns: [(column: Column, train: [Float], validation: [Float])]) {
    var drifts: [(String, ColumnDrift)] = []
    for (column, train, validation) in columns {
      let a = train.filter { !$0.isNaN }
      let b = validation.filter { !$0.isNaN }
      guard !a.isEmpty, !b.isEmpty else { continue }
      let (n, m) = (Double(a.count), Double(b.count))
      if column.kind == .number {
        func mean(_ values: [Float]) -> Double {
          values.reduce(0) { $0 + Double($1) } / Double(values.count)
        }
        drifts.append(
          (
            column.name,
            ColumnDrift(
              distance: Self.kolmogorovSmirnov(a.sorted(), b.sorted()),
              limit: 1.358 * ((n + m) / (n * m)).squareRoot(), meanDifference: mean(b) - mean(a))
          ))
      } else {
        let width = ColumnStatistics.classCount(column, a + b)
        var difference = [Double](repeating: 0, count: width)
        for value in a { difference[Int(value)] += 1 / n }
        for value in b { difference[Int(value)] -= 1 / m }
        drifts.append(
          (
            column.name,
            ColumnDrift(
              distance: difference.reduce(0) { $0 + abs($1) } / 2, limit: nil, meanDifference: nil)
          ))
      }
    }
    guard !drifts.isEmpty else { return nil }
    order = drifts.map(\.0)
    self.columns = Dictionary(drifts, uniquingKeysWith: { first, _ in first })
  }

  /// - Parameters: both ascending.
  static func kolmogorovSmirnov(_ a: [Float], _ b: [Float]) -> Double {
    var (i, j, largest) = (0, 0, 0.0)
    while i < a.count, j < b.count {
      let value = min(a[i], b[j])
      while i < a.count, a[i] == value { i += 1 }
      while j < b.count, b[j] == value { j += 1 }
      largest = max(
        largest, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    return largest
  }
}
