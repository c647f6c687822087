import Experiment
import Faces
import Files
import Photographs

/// Who is in which split, in which order: from the records alone.
struct BuildPlan {
  struct Split {
    let name: String
    /// Numbers of records, in the split's order.
    let samples: SpooledList<UInt32>
  }

  let splits: [Split]
  let duplicates: DuplicateReport
  /// In the order of their paths.
  let rejects: [Reject]
  let found: Int
  /// Bytes of the files whose names are accepted.
  let byteCount: Int
  let irregularNames: Int
  let turned: TurnedPhotographs
  let fingerprint: String

  init(_ records: RecordTable, _ options: BuildOptions) throws {
    let spool = options.spool
    var findings = SourceFindings()
    var files = SpooledListWriter<SplitFile>(spool)
    var rejects: [Reject] = []
    var byteCount = 0
    try records.forEachRecord { number, record in
      let content: SourceFindings.Content
      if let source = record.source {
        content = .read(source)
        // Files that turned out to be no images have their place in the split, too: so it depends on
        // names and contents alone.
        if let labels = try Self.labels(of: record, options) {
          try files.append(
            SplitFile(
              content: ContentHash(digest: record.contentHash), file: UInt32(number),
              labels: labels))
        }
      } else {
        let reason = record.rejection?.reason
        content = reason == .unreadable || reason == .tooLarge ? .unreadable : .refusedName
      }
      byteCount += record.byteCount
      if let (reason, message) = record.rejection {
        rejects.append(Reject(file: UInt32(number), reason: reason, message: message))
      }
      findings.add(path: record.path, content, remarks: record.remarks)
    }
    self.rejects = rejects
    self.byteCount = byteCount
    found = findings.found
    irregularNames = findings.irregularNames
    turned = TurnedPhotographs(count: findings.turnedCount, first: findings.firstTurned)
    fingerprint = findings.fingerprint()
    let plan = try SplitPlanner.plan(try files.finish(), options: options.split, spool: spool)
    duplicates = plan.duplicates
    splits = try [("train", plan.train), ("validation", plan.validation)].map { name, samples in
      var members = SpooledListWriter<UInt32>(spool)
      try samples.forEachElement { sample in
        if try records.record(Int(sample.file)).isSample { try members.append(sample.file) }
      }
      return Split(name: name, samples: try members.finish())
    }
  }

  private static func labels(
    of record: SegmentRecordView, _ options: BuildOptions
  ) throws -> FaceLabels? {
    if record.isSample { return try FaceLabels(columnBytes: record.labels) }
    let name = FaceFileName.parse(
      bytes: FileList.baseName(of: record.path.bindMemory(to: UInt8.self)), strict: options.strict)
    return try? name.get().labels
  }
}

/// Accepted files whose EXIF orientation says to turn them.
struct TurnedPhotographs {
  let count: Int
  /// The path of the first.
  let first: [UInt8]?
}
