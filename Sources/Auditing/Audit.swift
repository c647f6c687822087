import Experiment
import Files
import Foundation
import Store

/// Looks through a store for samples that someone should look at.
///
/// ```swift
/// let audit = try Audit(store, against: nil, kinds: FindingKind.allCases)
/// for finding in audit.findings { … }
/// ```
///
/// The measures of the store decide, and of nearly equal photographs the stored pixels; no
/// photograph is opened. Memory is about 100 bytes a sample while the names are read, otherwise
/// less than 40, and what the findings take.
package struct Audit {
  /// By kind in the order of `FindingKind`, worst first.
  package let findings: [Finding]
  /// What was looked for.
  let kinds: Set<FindingKind>
  let samples: AuditedSamples
  let labels: AuditedLabels
  /// By finding, the numbers of the samples.
  let numbers: [(sample: Int?, other: Int?)]

  package var sampleCount: Int { samples.ownCount }
  package var storePath: String { samples.parts[0].store.path }

  /// - Parameters:
  ///   - answers: what a model says of the store's samples; empty for no model.
  /// - Throws: `StoreError` where a store is damaged or has no measures, and where Ctrl-C was
  ///   pressed.
  package init(
    _ store: StoreReader, against other: StoreReader?, kinds: Set<FindingKind>,
    answers: [ModelAnswers] = []
  ) throws {
    if let other, store.identity.hasSameContent(as: other.identity) {
      throw StoreError(
        .notFound, file: other.path,
        "holds the same samples as \(store.path); audit against another store")
    }
    let samples = try AuditedSamples(store, against: other)
    let labels = try AuditedLabels(samples)
    var found: [NumberedFinding] = []
    if !kinds.isDisjoint(with: [.labelConflict, .leak, .shared, .duplicate]) {
      let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
      let twins = try Twins(samples, spool: spool)
      found += try TwinFindings(samples, labels, twins).findings
    }
    found += try MeasureFindings(samples).findings
    found += LabelFindings(samples, labels).findings
    found += ModelFindings(answers).findings
    var sorted: [NumberedFinding] = []
    for kind in FindingKind.allCases where kinds.contains(kind) {
      sorted += found.filter { $0.kind == kind }.sorted(by: NumberedFinding.precedes)
    }
    let places = try Self.places(of: sorted, samples)
    findings = sorted.map { finding in
      Finding(
        kind: finding.kind, score: finding.score, sample: finding.sample.flatMap { places[$0] },
        other: finding.other.flatMap { places[$0] }, note: finding.note)
    }
    numbers = sorted.map { ($0.sample, $0.other) }
    self.kinds = kinds
    self.samples = samples
    self.labels = labels
  }

  private static func places(
    of findings: [NumberedFinding], _ samples: AuditedSamples
  ) throws -> [Int: Finding.Place] {
    var places: [Int: Finding.Place] = [:]
    let wanted = Set(findings.flatMap { [$0.sample, $0.other].compactMap(\.self) })
    for part in samples.parts {
      let here = wanted.filter { (part.first..<part.first + part.split.sampleCount).contains($0) }
        .sorted()
      guard !here.isEmpty else { continue }
      let names = try part.split.names(of: here.map { $0 - part.first })
      for (sample, name) in zip(here, names) {
        places[sample] = Finding.Place(
          store: sample < samples.ownCount ? nil : part.store.path, split: part.split.name,
          index: sample - part.first, path: name)
      }
    }
    return places
  }
}
