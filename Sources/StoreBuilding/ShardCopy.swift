import Files
import Store
import Terminal
import Threads

/// Writes the shards of a split by copying chunks, a whole shard on one thread.
struct ShardCopy {
  private(set) var files: [FileEntry] = []
  /// Of the pixels of the split.
  private(set) var sums = ChannelSums()

  private struct Shard {
    let file: FileEntry
    let sums: ChannelSums
  }

  /// - Parameter report: called with the samples written so far.
  /// - Throws: `FileError` where a chunk is not what its record says or the disk refuses,
  ///   `ThreadError`, and whatever `report` throws.
  init(
    _ split: BuildPlan.Split, of records: RecordTable, to writer: StoreWriter, threads: Int,
    report: (_ done: Int) throws -> Void
  ) throws {
    let perShard = writer.layout.samplesPerShard
    let samples = split.samples
    let count = writer.layout.shardCount(samples: samples.count)
    guard count > 0 else { return }
    let shards = try OrderedWorkers<Shard>(
      count: count, threads: min(threads, count), name: "write"
    ) {
      return { number in
        let file = try writer.shardWriter(split: split.name, shard: number)
        var sums = ChannelSums()
        let range = number * perShard..<min((number + 1) * perShard, samples.count)
        for sample in try samples.withElements(in: range, Array.init) {
          sums += try records.record(Int(sample)).sums
          try records.withChunk(of: Int(sample)) { try file.append($0) }
        }
        var entry = try file.finish()
        entry.path = StoreWriter.shardPath(split: split.name, shard: number)
        return Shard(file: entry, sums: sums)
      }
    }
    while let shard = try shards.next() {
      files.append(shard.file)
      sums += shard.sums
      try report(min(files.count * perShard, samples.count))
    }
  }
}
