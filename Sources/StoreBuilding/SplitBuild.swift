import Faces
import Files
import Photographs
import Store
import Terminal

/// Writes the shards of one split, in order, and keeps what the columns will need.
struct SplitBuild {
  let name: String
  /// In the split's order, those included that will turn out to be unreadable.
  let samples: SpooledList<SplitSample>
  private(set) var files: [FileEntry] = []
  private(set) var rejects: [Reject] = []
  private(set) var sums = ChannelSums()
  private(set) var sampleCount = 0
  /// Samples that were on the disk already.
  private(set) var resumedCount = 0
  private var consumed = 0

  init(name: String, samples: SpooledList<SplitSample>) {
    self.name = name
    self.samples = samples
  }

  /// Takes over a finished shard of an earlier run.
  mutating func resume(_ shard: BuildJournal.Shard) {
    add(shard)
    resumedCount += shard.samples
    consumed += shard.consumed
  }

  /// The number of the shard that comes next.
  var nextShard: Int { files.count }
  var isComplete: Bool { consumed == samples.count }

  private mutating func add(_ shard: BuildJournal.Shard) {
    files.append(shard.file)
    rejects.append(contentsOf: shard.rejects)
    sums += shard.sums
    sampleCount += shard.samples
  }

  /// Encodes the rest of the split and writes it.
  ///
  /// - Parameters:
  ///   - report: called with the places consumed and the rejects seen so far in this split.
  /// - Throws: whatever `report` throws, and `StoreError` where the disk refuses.
  mutating func run(
    source: FileList, options: BuildOptions, writer: StoreWriter, journal: BuildJournal,
    report: (_ consumed: Int, _ rejects: Int) throws -> Void
  ) throws {
    guard !isComplete else { return }
    let encoder = OrderedEncoder(
      samples: samples, from: consumed, files: source,
      prefix: FolderSource(options.source, spool: options.spool).prefix, layout: options.layout,
      threads: options.threads)
    var open: ShardWriter?
    var shard = emptyShard()

    func close() throws {
      guard let writer = open else { return }
      shard.samples = writer.sampleCount
      shard.file = try writer.finish()
      shard.file.path = StoreWriter.shardPath(split: name, shard: shard.number)
      try journal.append(shard)
      add(shard)
      open = nil
      shard = emptyShard()
    }

    while let batch = try encoder.next() {
      for outcome in batch.outcomes {

        let place = consumed
        consumed += 1
        shard.consumed += 1
        switch outcome {
        case .rejected(let reason, let message):
          let file = try samples.element(at: place).file
          shard.rejects.append(Reject(file: file, reason: reason, message: message))
        case .encoded(let range, let sums):
          let current = try open ?? writer.shardWriter(split: name, shard: shard.number)
          open = current
          try batch.bytes.withUnsafeBytes {
            try current.append(UnsafeRawBufferPointer(rebasing: $0[range]))
          }
          shard.sums += sums
          if current.isFull { try close() }
        }
      }
      try report(consumed, rejects.count + shard.rejects.count)
    }
    try close()
    // Rejects behind the last sample belong to no shard.
    rejects.append(contentsOf: shard.rejects)
  }

  private func emptyShard() -> BuildJournal.Shard {
    BuildJournal.Shard(
      split: name, number: nextShard, consumed: 0, samples: 0,
      file: FileEntry(path: "", byteCount: 0, sha256: ""), sums: ChannelSums(), rejects: [])
  }
}
