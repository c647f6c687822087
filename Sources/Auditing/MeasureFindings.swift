import Store

/// Photographs that look wrong by what was measured of them when they were decoded.
struct MeasureFindings {
  private(set) var findings: [NumberedFinding] = []

  /// - Throws: `StoreError` where the measures are damaged.
  init(_ samples: AuditedSamples) throws {
    try addLight(samples)
    try addSimple(samples, .sharpness, scale: 64, .blurred, below: AuditThresholds.sharpness)
    try addSimple(
      samples, .colorfulness, scale: 256, .gray, below: AuditThresholds.colorfulness)
    // Among gray photographs, being gray is no fault.
    if findings.count(where: { $0.kind == .gray }) > samples.ownCount / 2 {
      findings.removeAll { $0.kind == .gray }
    }
    try addSizes(samples)
  }

  private mutating func add(_ kind: FindingKind, _ score: Double, _ sample: Int, note: String = "")
  {
    findings.append(
      NumberedFinding(
        kind: kind, score: (score * 100).rounded() / 100, sample: sample, note: note))
  }

  private mutating func addLight(_ samples: AuditedSamples) throws {
    for part in samples.ownParts {
      var means: [UInt16] = []
      try samples.forEachValue(of: .brightness, in: part, as: UInt16.self) { means.append($1) }
      try samples.forEachValue(of: .contrast, in: part, as: UInt16.self) { sample, value in
        let mean = Double(means[sample - part.first]) / 256
        let deviation = Double(value) / 256
        if deviation < AuditThresholds.contrast { add(.lowInformation, deviation, sample) }
        if mean + 2 * deviation < AuditThresholds.dark {
          add(.dark, mean + 2 * deviation, sample)
        }
        if mean - 2 * deviation > AuditThresholds.bright {
          add(.bright, mean - 2 * deviation, sample)
        }
      }
    }
  }

  private mutating func addSimple(
    _ samples: AuditedSamples, _ measure: StoreMeasure, scale: Double, _ kind: FindingKind,
    below threshold: Double
  ) throws {
    for part in samples.ownParts {
      try samples.forEachValue(of: measure, in: part, as: UInt16.self) { sample, value in
        if Double(value) / scale < threshold { add(kind, Double(value) / scale, sample) }
      }
    }
  }

  private mutating func addSizes(_ samples: AuditedSamples) throws {
    var sizes: [(width: UInt32, height: UInt32)] = []
    sizes.reserveCapacity(samples.ownCount)
    for part in samples.ownParts {
      try samples.forEachValue(of: .width, in: part, as: UInt32.self) { sizes.append(($1, 0)) }
      try samples.forEachValue(of: .height, in: part, as: UInt32.self) { sizes[$0].height = $1 }
    }
    func edge(_ size: (width: UInt32, height: UInt32)) -> Double {
      (Double(size.width) * Double(size.height)).squareRoot()
    }
    let edges = sizes.map { Float(edge($0)) }.sorted()
    guard let median = edges.isEmpty ? nil : edges[edges.count / 2], median > 0 else { return }
    for (sample, size) in sizes.enumerated() {
      let note = "\(size.width) x \(size.height) pixels"
      let ratio = edge(size) / Double(median)
      let times = max(ratio, 1 / ratio)
      if times > AuditThresholds.size { add(.oddSize, times, sample, note: note) }
      let shape = Double(min(size.width, size.height)) / Double(max(size.width, size.height))
      if shape < AuditThresholds.shape { add(.oddShape, shape, sample, note: note) }
    }
  }
}
