import Experiment
import Faces
import Files

/// Who is in which split, in which order: from the records alone.
struct BuildPlan {
  struct Split: Sendable {
    let name: String
    /// Numbers of records, in the split's order.
    let samples: SpooledList<UInt32>
    /// The fold of each; empty where there are no folds.
    let folds: SpooledList<UInt8>
  }

  let splits: [Split]
  let duplicates: DuplicateReport
  /// Nil where nearly equal photographs are ignored.
  let nearDuplicates: NearDuplicateReport?
  /// In the order of their paths.
  let rejects: [Reject]
  let found: Int
  /// Bytes of the files whose names are accepted.
  let byteCount: Int
  let irregularNames: Int
  let turned: TurnedPhotographs
  let fingerprint: String

  /// Accepted files that a split file does not name.
  let unassigned: Int
  /// Accepted files that the list of what to leave out names.
  let dropped: Int
  /// Values of the column that groups the samples, and the groups that copies and nearly equal
  /// photographs leave of them.
  let groupCount: Int
  let tiedGroupCount: Int

  init(_ records: RecordTable, _ options: BuildOptions, _ rules: BuildRules) throws {
    let spool = options.spool
    var unassigned = 0
    var dropped = 0
    var findings = SourceFindings()
    var files = SpooledListWriter<SplitFile>(spool)
    var groups = SampleGroups(rules.group, options, dropsFiles: rules.dropped != nil)
    var rejects: [Reject] = []
    var byteCount = 0
    try records.forEachRecord { number, record in
      if record.source != nil {
        // Files that turned out to be no images have their place in the split, too: so it depends on
        // names and contents alone.
        if let row = try Self.row(of: record, rules) {
          let (assigned, isDropped) = try record.path.withMemoryRebound(to: UInt8.self) {
            (try rules.assignments?.split(of: $0), try rules.dropped?.contains($0) ?? false)
          }
          try groups.add(
            UInt32(number), content: ContentHash(digest: record.contentHash),
            row: isDropped ? nil : row)
          if isDropped {
            dropped += 1
          } else if rules.assignments == nil || assigned != nil {
            try files.append(
              row.withUnsafeBytes {
                SplitFile(
                  content: ContentHash(digest: record.contentHash), file: UInt32(number), row: $0,
                  by: rules.stratifier, assigned: assigned)
              })
          } else {
            unassigned += 1
          }
        }
      }
      byteCount += record.byteCount
      if let (reason, message) = record.rejection {
        rejects.append(Reject(file: UInt32(number), reason: reason, message: message))
      }
      findings.add(record, path: records.path(record))
    }
    self.rejects = rejects
    self.byteCount = byteCount
    found = findings.found
    irregularNames = findings.irregularNames
    turned = TurnedPhotographs(count: findings.turnedCount, first: findings.firstTurned)
    fingerprint = findings.fingerprint()
    self.unassigned = unassigned
    self.dropped = dropped
    let near =
      options.joinsNearDuplicates
      ? try NearDuplicates(
        records, layout: options.layout, threads: options.threads, spool: spool) : nil
    nearDuplicates = near?.report
    let joined = try groups.finish(near: near?.groups ?? [:], count: records.count)
    (groupCount, tiedGroupCount) = (joined.valueCount, joined.tiedCount)
    let plan = try SplitPlanner.plan(
      try files.finish(), near: joined.groups, options: options.split,
      names: rules.assignments?.names ?? [], spool: spool)
    duplicates = plan.duplicates
    let hasFolds = options.split.folds != nil
    splits = try plan.splits.map { split in
      var members = SpooledListWriter<UInt32>(spool)
      var folds = SpooledListWriter<UInt8>(spool)
      try split.samples.forEachElement { sample in
        guard try records.record(Int(sample.file)).isSample else { return }
        try members.append(sample.file)
        if hasFolds { try folds.append(sample.fold) }
      }
      return Split(
        name: split.name, samples: try members.finish(), folds: try folds.finish())
    }
  }

  /// How many of the samples another store has, and how many of these are in another split there.
  func moves(from store: ReusableStore, _ records: RecordTable) throws -> SplitMoves {
    var moves = SplitMoves()
    for split in splits {
      try split.samples.forEachElement { sample in
        guard let source = try records.record(Int(sample)).source,
          let before = store.split(of: source)
        else { return }
        moves.known += 1
        if before != split.name { moves.moved += 1 }
      }
    }
    return moves
  }

  /// The labels of a photograph, also of one that turned out to be no image.
  private static func row(
    of record: SegmentRecordView, _ rules: BuildRules
  ) throws -> [UInt8]? {
    if record.isSample { return Array(record.labels) }
    let row = try record.path.withMemoryRebound(to: UInt8.self) { try rules.labels.labels(of: $0) }
    return try? row.get().values
  }
}

/// Accepted files whose EXIF orientation says to turn them.
struct TurnedPhotographs {
  let count: Int
  /// The path of the first.
  let first: [UInt8]?
}
