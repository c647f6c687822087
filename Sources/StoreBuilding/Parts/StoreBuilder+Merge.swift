import Faces
import Files
import Photographs
import Store

extension StoreBuilder {
  /// Makes the store of all parts, the same to the byte as one build would make. No source is read.
  ///
  /// - Parameter keepsParts: whether the parts stay when the store is there.
  /// - Throws: `MissingParts`, and as `run()`.
  package static func merge(
    _ options: BuildOptions, keepsParts: Bool, showsProgress: Bool? = nil
  ) throws -> BuildSummary {
    let (builder, parts) = try merging(options, showsProgress)
    return try builder.merge(parts, keepsParts: keepsParts)
  }

  static func merging(
    _ options: BuildOptions, _ showsProgress: Bool?
  ) throws -> (StoreBuilder, PartFolders) {
    let parts = try PartFolders(options)
    return (
      StoreBuilder(options.ofArchives(parts.isOfArchives), showsProgress: showsProgress), parts
    )
  }

  /// Opens the records of all parts, and checks that they belong together and to these options.
  func open(_ parts: PartFolders) throws -> (RecordTable, BuildRules) {
    let records = try RecordTable(parts.segments, dropsTop: options.isOfArchives) { _, _ in true }
    let rules = try BuildRules(options) { body in
      try records.forEachRecord { try $1.path.withMemoryRebound(to: UInt8.self, body) }
    }
    try parts.checkSettings(options.partSettings(rules.labels))
    try parts.checkSource(records)
    return (records, rules)
  }

  private func merge(_ parts: PartFolders, keepsParts: Bool) throws -> BuildSummary {
    let started = ContinuousClock.now
    try place.check()
    var summary = BuildSummary()
    summary.output = options.output
    let (records, rules) = try open(parts)
    summary.guessedColumns = rules.labels.guess
    summary.notices = rules.labels.notices
    try RejectList.checkOwnership(options.rejectsPath)
    let existing = try place.existingStore()
    if let existing, existing.dataset["pipeline"] == rules.recipe,
      existing.dataset["plan"]?.stringValue == (try rules.planDigest(of: records.fingerprint()))
    {
      summary.isUnchanged = true
      summary.found = records.count
      summary.splits = existing.splits.map { ($0.name, $0.sampleCount) }
      summary.storeByteCount = existing.storeByteCount
      try parts.remove(keepingSegments: keepsParts)
      return describe(existing.dataset, &summary, since: started)
    }
    if let existing { try place.checkMayBeReplaced(existing) }
    let output = try OutputFolder(staging: options.output, isOwn: BuildOptions.isOwn)
    if existing == nil, place.isTaken, !options.force {
      // Another merge has just ended.
      return try merge(parts, keepsParts: keepsParts)
    }
    let isReplacing = try place.checkReplaced()
    try output.removeOwnFiles()
    summary.notices += try TwinFolders.notices(
      in: records.paths(options.spool), spool: options.spool)
    let dataset = try arrange(
      records, rules, ignored: IgnoredFiles(), in: output, replacing: isReplacing,
      before: try stores(existing), partsFolder: options.partsFolder, &summary)
    try parts.remove(keepingSegments: keepsParts)
    return describe(dataset, &summary, since: started)
  }
}
