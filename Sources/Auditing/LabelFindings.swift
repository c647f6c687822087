import Experiment
import Store

/// Numbers far from all others, and classes with too few samples.
struct LabelFindings {
  private(set) var findings: [NumberedFinding] = []

  init(_ samples: AuditedSamples, _ labels: AuditedLabels) {
    for (number, column) in labels.columns.enumerated() {
      let parts = samples.ownParts.indices.map { labels.values(ofColumn: number, part: $0) }
      if column.kind == .number {
        addOutliers(column, parts, samples)
      } else {
        addSmallClasses(column, parts, samples)
      }
    }
  }

  /// Iglewicz and Hoaglin, "How to detect and handle outliers", 1993: distances from the median by
  /// 1.4826 times their median.
  private mutating func addOutliers(
    _ column: Column, _ parts: [ColumnValues], _ samples: AuditedSamples
  ) {
    let lists = parts.map(\.floats)
    func median(_ values: [Float]) -> Float? {
      values.isEmpty ? nil : values.sorted()[values.count / 2]
    }
    let known = lists.joined().filter { !$0.isNaN }
    guard let center = median(known), let spread = median(known.map { abs($0 - center) }),
      spread > 0
    else { return }
    for (part, list) in zip(samples.ownParts, lists) {
      for (index, value) in list.enumerated() where !value.isNaN {
        let score = Double(abs(value - center)) / (1.4826 * Double(spread))
        guard score > AuditThresholds.outlier, score.isFinite else { continue }
        let text = Int(exactly: value).map { "\($0)" } ?? "\(value)"
        findings.append(
          NumberedFinding(
            kind: .labelOutlier, score: (score * 100).rounded() / 100, sample: part.first + index,
            note: "\(column.name) \(text)"))
      }
    }
  }

  private mutating func addSmallClasses(
    _ column: Column, _ parts: [ColumnValues], _ samples: AuditedSamples
  ) {
    for (part, values) in zip(samples.ownParts, parts) where part.split.sampleCount > 0 {
      // A declared class without samples is too small, too.
      var counts: [Int: Int] = [:]
      for number in column.classNames.indices { counts[number] = 0 }
      for sample in 0..<values.sampleCount {
        guard let number = values.value(sample)?.number.flatMap({ Int(exactly: $0) }) else {
          continue
        }
        counts[number, default: 0] += 1
      }
      for (number, count) in counts where count < AuditThresholds.classCount {
        let name =
          column.classNames.indices.contains(number) ? column.classNames[number] : "\(number)"
        findings.append(
          NumberedFinding(
            kind: .smallClass, score: Double(count),
            note: "\(column.name) \(name) in \(part.split.name)"))
      }
    }
  }
}
