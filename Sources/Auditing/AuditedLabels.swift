import Experiment
import Store

/// The scalar labels of the store that is audited, a few bytes a sample.
struct AuditedLabels {
  let columns: [Column]
  /// By part, by column.
  private let values: [[ColumnValues]]
  private let samples: AuditedSamples

  init(_ samples: AuditedSamples) throws {
    let columns = samples.parts[0].store.schema.columns.filter {
      $0.role == .label && $0.width == 1 && $0.kind != .bytes
    }
    self.columns = columns
    values = try samples.ownParts.map { part in
      try columns.map { try part.split.column($0.name) }
    }
    self.samples = samples
  }

  func row(of sample: Int) -> [ColumnValue?] {
    let part = samples.part(of: sample)
    return values[part].map { $0.value(sample - samples.parts[part].first) }
  }

  /// The values of a column in a part.
  func values(ofColumn column: Int, part: Int) -> ColumnValues { values[part][column] }

  /// Whether two rows contradict each other: what is missing contradicts nothing.
  static func conflict(_ a: [ColumnValue?], _ b: [ColumnValue?]) -> Bool {
    zip(a, b).contains { pair in
      guard let a = pair.0, let b = pair.1 else { return false }
      return a != b
    }
  }

  /// The row in words, such as `26 female Asian`.
  func text(of row: [ColumnValue?]) -> String {
    zip(columns, row).map { $0.text(of: $1) }.joined(separator: " ")
  }
}
