import Files
import Photographs
import Store

extension StoreBuilder {
  /// Gathers one part of the photographs into a segment of its own, and writes its manifest.
  ///
  /// - Throws: as `run()`. What was gathered stays, and the next run goes on from it.
  package func run(part: PartNumber) throws -> PartSummary {
    let started = ContinuousClock.now
    try place.check()
    var whole = BuildSummary()
    let (wholeSource, _) = try openSource(&whole)
    let rules = try BuildRules(options) { body in
      _ = try wholeSource.forEachPhotograph { try $0.path.withUnsafeBufferPointer(body) }
    }
    let existing = try place.existingStore()
    if let existing, existing.dataset["pipeline"] != rules.recipe {
      try place.checkMayBeReplaced(existing)
    }
    let source = PartOfSource(wholeSource, part)
    let folder = options.folder(of: part)
    try SegmentIdentity.checkIsOwn(folder)
    let claim = try OutputFolder(claiming: folder, isOwn: SegmentIdentity.isOwn)
    defer { withExtendedLifetime(claim) {} }
    var summary = PartSummary(part: part, folder: folder)
    summary.notices = rules.labels.notices
    if let ignored = try ignoredIfUnchanged(source, part, rules) {
      summary.isUnchanged = true
      summary.ignored = ignored
    } else {
      let segment = try SegmentWriter(
        folder: folder, identity: options.segmentIdentity(of: part))
      let result = try Gathering(
        options, labels: rules.labels, segment: segment, total: nil, reusing: try stores(existing)
      ).run(source, progress("reading", nil))
      try segment.compact(keeping: result.isLive)
      try segment.finish(origin: origin(of: source, rules))
      summary.ignored = result.ignored
      summary.resumedSamples = result.resumedCount
      summary.reusedSamples = result.reusedCount
    }
    try SegmentScan(folder: folder).forEachRecord { record, _ in
      summary.found += 1
      if !record.isSample { summary.rejected += 1 }
    }
    summary.sourceFound = source.census.photographs
    guard summary.sourceFound > 0 else { throw noPhotographs(summary.ignored) }
    summary.seconds = seconds(since: started)
    return summary
  }

  private func origin(of source: PartOfSource, _ rules: BuildRules) -> JSONValue {
    ["settings": .object(options.partSettings(rules.labels)), "source": source.census.json]
  }

  /// Compares a finished part with its photographs, of which none is decoded.
  ///
  /// - Returns: what is passed over; nil where the part is not finished, or not from these.
  private func ignoredIfUnchanged(
    _ source: PartOfSource, _ part: PartNumber, _ rules: BuildRules
  ) throws -> IgnoredFiles? {
    guard
      let (scan, origin) = try? SegmentManifest.check(folder: options.folder(of: part)),
      scan.identity == (try options.segmentIdentity(of: part))
    else { return nil }
    let records = try RecordTable([scan], dropsTop: options.isOfArchives) { _, _ in true }
    let check = try SourceCheck(source, options, rules.labels, progress("comparing", nil))
    let isSame =
      try records.fingerprint() == check.fingerprint && origin == self.origin(of: source, rules)
    return isSame ? check.ignored : nil
  }
}
