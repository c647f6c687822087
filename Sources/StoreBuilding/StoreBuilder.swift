import Checksums
import Faces
import Files
import Store
import Terminal

/// Builds a shard store from a folder of faces: scan, names, hashes, split, then decode, resize,
/// encode and write.
///
/// The store is filled as `OUTPUT.partial` and renamed when it is whole. What a killed build had
/// finished is used by the next one.
package struct StoreBuilder {
  private let options: BuildOptions
  private let showsProgress: Bool?

  /// - Parameter showsProgress: nil for only where standard error is a terminal.
  package init(_ options: BuildOptions, showsProgress: Bool? = nil) {
    self.options = options
    self.showsProgress = showsProgress
  }

  /// Runs the build.
  ///
  /// - Throws: `BuildError`, `StoreError`, `ScanError`: each one sentence. Nothing that was at the
  ///   output before is lost, and no half store is visible there.
  package func run() throws -> BuildSummary {
    let started = ContinuousClock.now
    try checkOutput()
    let index = try SourceIndex(options) { progress($0, $1) }
    let plan = try planDigest(index)
    var summary = BuildSummary()
    summary.output = options.output
    summary.found = index.files.count
    summary.ignored = index.ignored
    summary.turned = index.turnedCount
    summary.notices = index.notices
    summary.irregularNames = index.irregularNames
    try checkRejects(index.rejects.count, of: index.files.count)

    try RejectList.checkOwnership(options.rejectsPath)
    let output = try OutputFolder(staging: options.output) {
      StoreFormat.isStoreFile($0) || $0 == BuildOptions.journalName
    }
    let existing = try existingStore()
    if let existing, existing.dataset["plan"]?.stringValue == plan {
      try output.removeOwnFiles()
      summary.isUnchanged = true
      summary.splits = existing.splits.map { ($0.name, $0.sampleCount) }
      summary.storeByteCount = existing.storeByteCount
      return describe(existing.dataset, &summary, since: started)
    }
    if let existing, !options.force {
      guard existing.schema.version == StoreFormat.version else {
        throw BuildError(
          .output,
          "\(options.output) is a store of format version \(existing.schema.version); add --force "
            + "to write it again as version \(StoreFormat.version), or choose another --output")
      }
      throw BuildError(
        .output,
        "\(options.output) is a store built from other files or options; add --force to replace "
          + "it, or choose another --output")
    }
    let isReplacing = isTaken
    if isReplacing {
      try OutputFolder.checkForeign(
        in: options.output, isOwn: StoreReader.ownFiles(at: options.output))
    }
    guard !index.accepted.isEmpty else {
      throw BuildError(
        .input,
        "none of the \(index.files.count) files in \(options.source) is acceptable; the first: "
          + "\(try index.files.path(at: Int(index.rejects[0].file))): \(index.rejects[0].message)")
    }
    let split = try SplitPlanner.plan(
      index.accepted, options: options.split, spool: options.spool)
    summary.duplicates = split.duplicates
    summary.leftOut = split.duplicates.leftOut

    var rejects = index.rejects
    let splits = try buildShards(index, split, output, plan: plan, rejects: &rejects, &summary)
    guard splits.contains(where: { $0.sampleCount > 0 }) else {
      try output.removeOwnFiles()
      throw BuildError(
        .input,
        "no image in \(options.source) could be decoded; the first: "
          + "\(try index.files.path(at: Int(rejects[0].file))): \(rejects[0].message)")
    }
    let dataset = try finish(index, splits, plan: plan, rejects: rejects, &summary)
    try removeFile(options.journalPath)
    try output.publish(replacing: isReplacing ? StoreReader.ownFiles(at: options.output) : nil)
    return describe(dataset, &summary, since: started)
  }

  private func progress(_ label: String, _ total: Int) -> ProgressLine {
    ProgressLine(label, total: total, unit: "images", enabled: showsProgress)
  }

  /// Whether a store is to be replaced.
  private var isTaken: Bool { exists("\(options.output)/\(StoreFormat.rootMetadataFile)") }

  /// Refuses at once what could not be published at the end.
  private func checkOutput() throws {
    guard ![".", ".."].contains(options.output.split(separator: "/").last ?? ".") else {
      throw BuildError(
        .output,
        "\"\(options.output)\" is not a valid store name; choose another --output")
    }
    guard exists(options.output) else { return }
    guard isFolder(options.output) else {
      throw BuildError(.output, "\(options.output) is a file; choose another --output")
    }
    let isEmpty = try namesAsBytes(in: options.output).isEmpty
    guard isEmpty || isTaken else {
      throw BuildError(
        .output,
        "\(options.output) holds other files than a store; choose another --output, or remove it "
          + "yourself")
    }
  }

  /// What identifies the result: the recipe, and every file's path and content.
  private func planDigest(_ index: SourceIndex) throws -> String {
    let text: JSONValue = [
      "format": .integer(StoreFormat.version), "recipe": options.recipe,
      "source": .string(index.fingerprint),
      // Names decide too, also those that were rejected.
      "rejects": .array(
        try index.rejects.filter { $0.reason != .unreadable }.map {
          .string(try index.files.path(at: Int($0.file)))
        }),
    ]
    return try text.encoded().withUnsafeBytes { SHA256Digest.hex(of: $0) }
  }

  /// The store at the output's place; nil where there is none. A damaged one may be replaced, but
  /// not without `--force`.
  private func existingStore() throws -> StoreReader? {
    guard isTaken else { return nil }
    do {
      return try StoreReader(path: options.output)
    } catch let error as StoreError where error.kind == .notAStore {
      // Not even --force removes what another program made.
      throw BuildError(
        .output, "\(options.output) holds Zarr data that no utk-prep made; choose another --output")
    } catch {
      guard options.force else {
        throw BuildError(
          .output, "\(options.output) is there, but not sound (\(error)); add --force to replace it"
        )
      }
      return nil
    }
  }

  private func checkRejects(_ count: Int, of found: Int) throws {
    guard let limit = options.maxRejects, count > limit.allowed(of: found) else { return }
    throw BuildError(
      .tooManyRejects,
      "\(count) of \(found) files are rejected, more than the \(limit.text) of --max-rejects; "
        + "look at the names and files, or raise it")
  }

  private func buildShards(
    _ index: SourceIndex, _ plan: SplitPlan, _ output: OutputFolder, plan digest: String,
    rejects: inout [Reject],
    _ summary: inout BuildSummary
  ) throws -> [SplitBuild] {
    var splits = [
      SplitBuild(name: "train", samples: plan.train),
      SplitBuild(name: "validation", samples: plan.validation),
    ]
    let journal = try BuildJournal(path: options.journalPath)
    let kept = try resume(&splits, journal, plan: digest)
    try output.removeOwnFiles(keeping: Set(kept.map(\.file.path) + [BuildOptions.journalName]))
    try journal.restart(plan: digest, keeping: kept.count)
    summary.resumedSamples = splits.reduce(0) { $0 + $1.resumedCount }

    let writer = StoreWriter(
      folder: options.partialFolder,
      schema: StoreSchema(layout: options.layout, columns: FaceLabels.columns))
    let total = splits.reduce(0) { $0 + $1.samples.count }
    let line = progress("building", total)
    var done = 0
    for number in splits.indices {
      let before = rejects.count
      try splits[number].run(
        source: index.files, options: options, writer: writer, journal: journal
      ) { consumed, rejected in
        line.update(done: done + consumed)
        try checkRejects(before + rejected, of: index.files.count)
        if Interruption.isRequested {
          line.finish()
          throw BuildError(
            .interrupted,
            "interrupted at \(done + consumed) of \(total) images; finished shards are kept, and "
              + "the same command goes on from them")
        }
      }
      done += splits[number].samples.count
      rejects.append(contentsOf: splits[number].rejects)
    }
    line.finish()
    return splits
  }

  /// Hands shards of an earlier run of the same plan to their splits, after comparing their bytes.
  private func resume(
    _ splits: inout [SplitBuild], _ journal: BuildJournal, plan: String
  ) throws -> [BuildJournal.Shard] {
    var kept: [BuildJournal.Shard] = []
    for shard in try journal.shards(ofPlan: plan) {
      guard let number = splits.firstIndex(where: { $0.name == shard.split }),
        splits[number].nextShard == shard.number,
        shard.file.path == StoreWriter.shardPath(split: shard.split, shard: shard.number),
        let file = try? MappedFile(path: "\(options.partialFolder)/\(shard.file.path)"),
        file.bytes.count == shard.file.byteCount,
        SHA256Digest.hex(of: file.bytes) == shard.file.sha256
      else { break }
      splits[number].resume(shard)
      kept.append(shard)
    }
    return kept
  }

  private func finish(
    _ index: SourceIndex, _ splits: [SplitBuild], plan: String, rejects: [Reject],
    _ summary: inout BuildSummary
  ) throws -> JSONValue {
    let columns = StoreColumns(index, rejects: rejects, spool: options.spool)
    let lists = try splits.map { try columns.samples(of: $0) }
    let writer = StoreWriter(
      folder: options.partialFolder,
      schema: StoreSchema(
        layout: options.layout, columns: FaceLabels.columns,
        longestName: try lists.map { try columns.longestPath(of: $0) }.max() ?? 0,
        hasSources: true))
    var files: [FileEntry] = []
    var statistics: [LabelStatistics] = []
    for (split, samples) in zip(splits, lists) {
      files.append(contentsOf: split.files)
      files.append(contentsOf: try columns.write(samples, split: split.name, to: writer))
      statistics.append(try columns.statistics(of: samples))
    }
    let dataset = DatasetAttributes(
      options: options, index: index, splits: splits, plan: plan, rejects: rejects,
      statistics: statistics, duplicates: summary.duplicates)
    let document = try dataset.json
    summary.splits = splits.map { ($0.name, $0.sampleCount) }
    summary.storeByteCount = try writer.finish(
      splits: splits.map { SplitDescription(name: $0.name, sampleCount: $0.sampleCount) },
      files: files, dataset: document)
    try RejectList.write(rejects, of: index.files, to: options.rejectsPath)
    return document
  }

  private func describe(
    _ dataset: JSONValue, _ summary: inout BuildSummary, since started: ContinuousClock.Instant
  ) -> BuildSummary {
    let samples = summary.splits.reduce(0) { $0 + $1.samples }
    summary.rawByteCount = samples * options.layout.sampleByteCount
    DatasetAttributes.fill(&summary, from: dataset)
    if exists(options.rejectsPath) {
      summary.rejectsPath = options.rejectsPath
    }
    let elapsed = started.duration(to: .now)
    summary.seconds =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    return summary
  }
}
