import Experiment

/// What is wrong with samples that are the same photograph.
struct TwinFindings {
  private let samples: AuditedSamples
  private let labels: AuditedLabels
  private let twins: Twins
  private(set) var findings: [NumberedFinding] = []

  init(
    _ samples: AuditedSamples, _ labels: AuditedLabels, _ twins: Twins
  ) throws {
    self.samples = samples
    self.labels = labels
    self.twins = twins
    for group in twins.groups { try add(group) }
  }

  private mutating func add(_ group: [Int]) throws {
    let own = group.prefix { $0 < samples.ownCount }
    guard let first = own.first else { return }
    let stranger = group.dropFirst(own.count).first
    // Of every row of labels, the first sample that has it.
    var rows: [(row: [ColumnValue?], sample: Int)] = []
    var earlier: [String: Int] = [:]
    for sample in own {
      let row = labels.row(of: sample)
      if earlier.updateValue(sample, forKey: "\(row)") == nil { rows.append((row, sample)) }
    }
    earlier.removeAll()
    for sample in own {
      let row = labels.row(of: sample)
      let part = samples.part(of: sample)
      if let other = rows.first(where: { AuditedLabels.conflict($0.row, row) }) {
        let texts = [row, other.row].map(labels.text)
        try add(.labelConflict, sample, other.sample, note: "\(texts[0]) / \(texts[1])")
      }
      if samples.part(of: first) < part { try add(.leak, sample, first) }
      if let stranger { try add(.shared, sample, stranger) }
      let key = "\(part) \(row)"
      if let other = earlier[key] {
        try add(.duplicate, sample, other)
      } else {
        earlier[key] = sample
      }
    }
  }

  private mutating func add(
    _ kind: FindingKind, _ sample: Int, _ other: Int, note: String = ""
  ) throws {
    let isIdentical = twins.areIdentical(sample, other)
    let score =
      isIdentical
      ? 1
      : try samples.signature(of: sample).correlation(with: samples.signature(of: other))
    findings.append(
      NumberedFinding(
        kind: kind, score: (score * 1e4).rounded() / 1e4, sample: sample, other: other,
        note: note + (isIdentical ? (note.isEmpty ? "" : ", ") + "identical files" : "")))
  }
}
