import Experiment

/// Counts and figures of the labels of one split, whatever its columns. JSON keys are snake case.
package struct LabelStatistics: Encodable, Equatable, Sendable {
  /// Samples, with labels or without.
  package let count: Int
  /// By column.
  package let columns: [String: ColumnStatistics]
  /// The counts of the first two columns of classes; nil where there are fewer.
  package let crossTable: CrossTable?
  /// In the order of the data set.
  package let order: [String]

  /// The columns that statistics are made of: labels of one value.
  package static func columns(of columns: [Column]) -> [Column] {
    columns.filter { $0.role == .label && $0.width == 1 && $0.kind != .bytes }
  }

  /// - Parameter columns: each with a value for every sample, NaN where it is missing.
  package init(_ columns: [(column: Column, values: [Float])]) {
    count = columns.first?.values.count ?? 0
    order = columns.map(\.column.name)
    self.columns = Dictionary(
      columns.map { ($0.column.name, ColumnStatistics($0.column, $0.values)) },
      uniquingKeysWith: { first, _ in first })
    let classes = columns.filter { $0.column.kind == .class }.prefix(2)
    crossTable = classes.count == 2 ? CrossTable(classes[classes.startIndex], classes.last!) : nil
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(count, forKey: .count)
    try values.encode(columns, forKey: .columns)
    try values.encodeIfPresent(crossTable, forKey: .crossTable)
  }

  enum CodingKeys: String, CodingKey {
    case count, columns
    case crossTable = "cross_table"
  }
}

/// How often two classes come together.
package struct CrossTable: Encodable, Equatable, Sendable {
  package let rows: String
  package let columns: String
  /// [classes of `rows`][classes of `columns`].
  package let counts: [[Int]]

  init(
    _ first: (column: Column, values: [Float]), _ second: (column: Column, values: [Float])
  ) {
    rows = first.column.name
    columns = second.column.name
    let heights = ColumnStatistics.classCount(first.column, first.values)
    let widths = ColumnStatistics.classCount(second.column, second.values)
    // A table that nobody can read is left empty.
    guard heights * widths <= 10_000 else {
      counts = []
      return
    }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: widths), count: heights)
    for (a, b) in zip(first.values, second.values) where !a.isNaN && !b.isNaN {
      counts[Int(a)][Int(b)] += 1
    }
    self.counts = counts
  }
}
