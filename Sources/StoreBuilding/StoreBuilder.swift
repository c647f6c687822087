import Experiment
import Faces
import Files
import Photographs
import Store
import Terminal

/// Builds a shard store from a folder of faces, reading each file once: every photograph becomes a
/// record and a final chunk in a segment; when all are there, the split is planned from the records
/// alone, and the shards are written by copying chunks.
///
/// All of it happens in `OUTPUT.partial`, which is renamed when it is whole. A segment that a killed
/// build left is gone on with: a file whose content is in it is not decoded again.
package struct StoreBuilder {
  let options: BuildOptions
  private let showsProgress: Bool?

  /// - Parameter showsProgress: nil for only where standard error is a terminal.
  package init(_ options: BuildOptions, showsProgress: Bool? = nil) {
    self.options = options
    self.showsProgress = showsProgress
  }

  /// Runs the build.
  ///
  /// - Throws: `BuildError`, `StoreError`, `ScanError`, `FileError`: each one sentence. Nothing that
  ///   was at the output before is lost, and no half store is visible there.
  package func run() throws -> BuildSummary {
    let started = ContinuousClock.now
    try place.check()
    var summary = BuildSummary()
    summary.output = options.output
    let (source, total) = try openSource(&summary)
    let rules = try BuildRules(options) { body in
      _ = try source.forEachPhotograph { try $0.path.withUnsafeBufferPointer(body) }
    }
    summary.guessedColumns = rules.labels.guess
    summary.notices += rules.labels.notices
    try RejectList.checkOwnership(options.rejectsPath)

    let existing = try place.existingStore()
    if let existing, existing.dataset["pipeline"] == rules.recipe {
      // An unchanged store is not touched, and may lie where nothing can be written.
      let check = try SourceCheck(source, options, rules.labels, progress("comparing", total))
      if existing.dataset["plan"]?.stringValue == (try rules.planDigest(of: check.fingerprint)) {
        summary.add(check)
        summary.isUnchanged = true
        summary.splits = existing.splits.map { ($0.name, $0.sampleCount) }
        summary.storeByteCount = existing.storeByteCount
        return describe(existing.dataset, &summary, since: started)
      }
    }
    if let existing { try place.checkMayBeReplaced(existing) }

    let output = try OutputFolder(staging: options.output, isOwn: BuildOptions.isOwn)
    if existing == nil, place.isTaken, !options.force {
      // Another build of this output has just ended: perhaps there is nothing left to do.
      try output.removeOwnFiles()
      return try run()
    }
    let isReplacing = try place.checkReplaced()
    try output.removeOwnFiles(keeping: BuildOptions.segmentFiles)
    let stores = try stores(existing)
    let (records, ignored) = try gather(source, rules, total: total, reusing: stores, &summary)
    if options.isOfArchives {
      guard records.count > 0 else {
        try output.removeOwnFiles()
        throw noPhotographs(ignored)
      }
      summary.notices += try TwinFolders.notices(
        in: records.paths(options.spool), spool: options.spool)
    }
    let dataset = try arrange(
      records, rules, ignored: ignored, in: output, replacing: isReplacing, before: stores, &summary
    )
    return describe(dataset, &summary, since: started)
  }

  /// Plans from the records, writes the store and publishes it.
  ///
  /// - Parameters:
  ///   - before: stores that samples were in before.
  ///   - partsFolder: where shards may be that were written beforehand.
  func arrange(
    _ records: RecordTable, _ rules: BuildRules, ignored: IgnoredFiles, in output: OutputFolder,
    replacing isReplacing: Bool, before: [ReusableStore], partsFolder: String? = nil,
    _ summary: inout BuildSummary
  ) throws -> JSONValue {
    summary.notices += try rules.labels.notices { body in
      try records.forEachRecord { try $1.path.withMemoryRebound(to: UInt8.self, body) }
    }
    summary.notices +=
      try rules.dropped?.notices { body in
        try records.forEachRecord { try $1.path.withMemoryRebound(to: UInt8.self, body) }
      } ?? []
    let plan = try BuildPlan(records, options, rules)
    summary.add(plan, ignored: ignored)
    if let store = before.last(where: { rules.splitsAlike($0.recipe) }) {
      summary.moves = try plan.moves(from: store, records)
    }
    guard plan.splits.contains(where: { !$0.samples.isEmpty }) else {
      try output.removeOwnFiles()
      let first = try plan.rejects.first.map {
        "; the first of them: \(try records.title(of: Int($0.file))): \($0.message)"
      }
      throw BuildError(
        .input,
        "no image of the \(plan.found) in \(options.sourceTitle) is acceptable"
          + (first ?? "; all are left out as duplicates, or by --split-file or --drop"))
    }
    if let group = rules.group, plan.splits[0].samples.isEmpty {
      throw BuildError(
        .input,
        "--group-by \(group.name) leaves no image to train on: all that it ties together is held out "
          + "(values: \(plan.groupCount), groups once copies and nearly equal photographs are tied: "
          + "\(plan.tiedGroupCount)); choose a column with more values, or smaller shares")
    }
    try options.checkRejects(plan.rejects.count, of: plan.found)
    let written = try partsFolder.map {
      try WrittenShards(in: $0, plan: rules.planDigest(of: plan.fingerprint))
    }
    let dataset = try write(plan, records, rules, moving: written ?? WrittenShards(), &summary)
    try output.removeOwnFiles(where: BuildOptions.segmentFiles.contains)
    try RejectList.write(
      plan.rejects, of: records, to: options.rejectsPath, temporaryIn: output.path)
    try output.publish(replacing: isReplacing ? StoreReader.ownFiles(at: options.output) : nil)
    return dataset
  }

  func progress(_ label: String, _ total: Int?) -> ProgressLine {
    ProgressLine(label, total: total, unit: "images", enabled: showsProgress)
  }

  // MARK: the source

  /// How many photographs there are is not known of archives, which would have to be read for it.
  func openSource(
    _ summary: inout BuildSummary
  ) throws -> (any PhotographSource, total: Int?) {
    let spool = options.spool
    guard options.isOfArchives else {
      let folder = try ListedFolder(FolderSource(options.sources[0], spool: spool), spool: spool)
      guard !folder.files.isEmpty else { throw noPhotographs(folder.ignored) }
      summary.notices = try TwinFolders.notices(in: folder.files, spool: spool)
      return (folder, folder.files.count)
    }
    if let folder = options.sources.first(where: isFolder) {
      throw BuildError(
        .input, "\(folder) is a folder among several sources; give one folder, or archives only")
    }
    return (ArchiveSource(options.sources), nil)
  }

  func noPhotographs(_ ignored: IgnoredFiles) -> BuildError {
    let source = options.sources[0]
    let archives =
      options.isOfArchives
      ? []
      : ((try? namesAsBytes(in: source)) ?? []).map { String(decoding: $0, as: UTF8.self) }
        .filter(ArchiveSource.isArchive).sorted()
    guard let first = archives.first else {
      return BuildError(
        .input,
        "\(options.sourceTitle) holds no JPEG or PNG files"
          + (ignored.count == 0 ? "" : " (passed over: \(ignored))")
          + "; give the UTKFace archive, or the folder that it unpacks to")
    }
    return BuildError(
      .input,
      "\(source) holds no JPEG or PNG files, but \(archives.joined(separator: ", ")); give an "
        + "archive itself, as in utk-prep build \(source)/\(first) --output \(options.output)")
  }

  /// Where the store will be.
  var place: StorePlace { StorePlace(options.output, force: options.force) }

  // MARK: the work

  /// Whose samples may be copied: the store that was asked for, and the one that is replaced.
  func stores(_ existing: StoreReader?) throws -> [ReusableStore] {
    var stores: [ReusableStore] = []
    if let path = options.reuse {
      guard let store = try ReusableStore(StoreReader(path: path), for: options.layout) else {
        throw BuildError(
          .input,
          "\(path) has nothing to reuse: expected a store of this version, of \(options.layout.size) "
            + "pixels and codec \(options.layout.codec.rawValue); leave --reuse out")
      }
      stores.append(store)
    }
    // What is damaged in a store that is to be replaced is made anew.
    if let existing, let store = try? ReusableStore(existing, for: options.layout) {
      stores.append(store)
    }
    return stores
  }

  /// Makes the segment whole.
  private func gather(
    _ source: some PhotographSource, _ rules: BuildRules, total: Int?,
    reusing stores: [ReusableStore], _ summary: inout BuildSummary
  ) throws -> (RecordTable, IgnoredFiles) {
    let segment = try SegmentWriter(
      folder: options.segmentFolder, identity: options.segmentIdentity(of: PartNumber(0, of: 1)))
    let result = try Gathering(
      options, labels: rules.labels, segment: segment, total: total, reusing: stores
    )
    .run(source, progress("reading", total))
    summary.resumedSamples = result.resumedCount
    summary.reusedSamples = result.reusedCount
    let scan = try SegmentScan(folder: options.segmentFolder)
    return (
      try RecordTable([scan], dropsTop: options.isOfArchives) { _, record in result.isLive(record)
      },
      result.ignored
    )
  }

  /// Writes the store that is planned into a folder.
  func storeWriter(
    _ plan: BuildPlan, _ records: RecordTable, _ rules: BuildRules, in folder: String
  ) throws -> StoreWriter {
    let columns = StoreColumns(records, labels: rules.labels.columns)
    return StoreWriter(
      folder: folder,
      schema: StoreSchema(
        layout: options.layout, columns: try rules.columns(),
        longestName: try plan.splits.map { try columns.longestPath(of: $0.samples) }.max() ?? 0,
        hasSources: true, hasMeasures: true))
  }

  private func write(
    _ plan: BuildPlan, _ records: RecordTable, _ rules: BuildRules, moving written: WrittenShards,
    _ summary: inout BuildSummary
  ) throws -> JSONValue {
    let columns = StoreColumns(records, labels: rules.labels.columns)
    let writer = try storeWriter(plan, records, rules, in: options.partialFolder)
    // Compressing the names takes one thread as long as all threads copy shards.
    let arrays = try columns.startWriting(plan.splits, to: writer, threads: options.threads)
    let copy = try ShardCopy(
      plan.splits, of: records, to: writer, threads: options.threads, moving: written,
      progress("writing", plan.splits.reduce(0) { $0 + $1.samples.count }))
    let dataset = try DatasetAttributes(
      options: options, rules: rules, plan: plan, sums: copy.splits[0].sums,
      histograms: plan.splits.map { try columns.histograms(of: $0.samples) }
    ).json
    var files = copy.splits.flatMap(\.files)
    while let written = try arrays.next() { files += written }
    summary.splits = plan.splits.map { ($0.name, $0.samples.count) }
    summary.storeByteCount = try writer.finish(
      splits: plan.splits.map { SplitDescription(name: $0.name, sampleCount: $0.samples.count) },
      files: files, dataset: dataset)
    return dataset
  }

  func describe(
    _ dataset: JSONValue, _ summary: inout BuildSummary, since started: ContinuousClock.Instant
  ) -> BuildSummary {
    let samples = summary.splits.reduce(0) { $0 + $1.samples }
    summary.rawByteCount = samples * options.layout.sampleByteCount
    DatasetAttributes.fill(&summary, from: dataset)
    if exists(options.rejectsPath) {
      summary.rejectsPath = options.rejectsPath
    }
    summary.seconds = seconds(since: started)
    return summary
  }

  func seconds(since started: ContinuousClock.Instant) -> Double {
    started.duration(to: .now) / .seconds(1)
  }
}

extension BuildSummary {
  mutating func add(_ plan: BuildPlan, ignored: IgnoredFiles) {
    found = plan.found
    self.ignored = ignored
    irregularNames = plan.irregularNames
    duplicates = plan.duplicates
    leftOut = plan.duplicates.leftOut + plan.unassigned + plan.dropped
    if plan.unassigned > 0 {
      notices.append("\(plan.unassigned) images are not in the split file and are left out")
    }
    if plan.tiedGroupCount < plan.groupCount {
      notices.append(
        "copies and nearly equal photographs tie \(plan.groupCount) groups into "
          + "\(plan.tiedGroupCount); see utk-prep audit for those whose labels differ")
    }
    if plan.dropped > 0 {
      notices.append("\(plan.dropped) images are left out, as the --drop file says")
    }
    add(plan.turned)
  }

  mutating func add(_ check: SourceCheck) {
    found = check.found
    ignored = check.ignored
    irregularNames = check.irregularNames
    add(check.turned)
  }

  private mutating func add(_ photographs: TurnedPhotographs) {
    turned = photographs.count
    guard let first = photographs.first else { return }
    notices.append(
      "\(turned) images carry an EXIF orientation that says to turn them, the first is "
        + "\(visible(String(decoding: first, as: UTF8.self))): their pixels are stored as they are "
        + "in the file; turn the files themselves if the faces are not upright")
  }
}
