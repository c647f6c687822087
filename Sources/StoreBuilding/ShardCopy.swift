import Files
import Store
import Terminal
import Threads

/// Writes shards by copying chunks, a whole shard on one thread.
struct ShardCopy {
  struct Split {
    fileprivate(set) var files: [FileEntry] = []
    /// In these shards.
    fileprivate(set) var sampleCount = 0
    /// Of their pixels.
    fileprivate(set) var sums = ChannelSums()
  }

  /// In the order of the plan's.
  private(set) var splits: [Split]
  /// Of the whole store.
  let shardCount: Int

  private struct Place {
    let split: Int
    let number: Int
    let samples: Range<Int>
  }

  /// - Parameters:
  ///   - written: shards that are there, and are moved.
  ///   - isMeant: whether a shard is to be written, by its number in the order of the store.
  /// - Throws: `FileError` where a chunk is not what its record says or the disk refuses,
  ///   `ThreadError`, and `BuildError` after Ctrl-C.
  init(
    _ plan: [BuildPlan.Split], of records: RecordTable, to writer: StoreWriter, threads: Int,
    moving written: WrittenShards = WrittenShards(), where isMeant: (Int) -> Bool = { _ in true },
    _ line: ProgressLine
  ) throws {
    let perShard = writer.layout.samplesPerShard
    let all = plan.enumerated().flatMap { split, content in
      let count = content.samples.count
      return (0..<writer.layout.shardCount(samples: count)).map {
        Place(split: split, number: $0, samples: $0 * perShard..<min(($0 + 1) * perShard, count))
      }
    }
    shardCount = all.count
    splits = plan.map { _ in Split() }
    let places = all.enumerated().filter { isMeant($0.offset) }.map(\.element)
    guard !places.isEmpty else { return }
    defer { line.finish() }
    let shards = try OrderedWorkers<(file: FileEntry, sums: ChannelSums)>(
      count: places.count, threads: min(threads, places.count), name: "write"
    ) {
      return { index in
        let place = places[index]
        let split = plan[place.split]
        let path = StoreWriter.shardPath(split: split.name, shard: place.number)
        let samples = try split.samples.withElements(in: place.samples, Array.init)
        var sums = ChannelSums()
        for sample in samples { sums += try records.record(Int(sample)).sums }
        if let moved = try written.move(path, to: writer.folder) { return (moved, sums) }
        let file = try writer.shardWriter(split: split.name, shard: place.number)
        for sample in samples {
          try records.withChunk(of: Int(sample)) { try file.append($0) }
        }
        var entry = try file.finish()
        entry.path = path
        return (entry, sums)
      }
    }
    var done = 0
    for place in places {
      guard let shard = try shards.next() else { break }
      splits[place.split].files.append(shard.file)
      splits[place.split].sums += shard.sums
      splits[place.split].sampleCount += place.samples.count
      done += place.samples.count
      line.update(done: done)
      if Interruption.isRequested {
        throw BuildError(
          .interrupted,
          "interrupted while the shards were written; the images are kept, and the same command "
            + "goes on from them")
      }
    }
  }
}
