import Experiment
import Files
import Store
import Terminal
import Threads

/// Writes a store again with another codec or shard size, from its own samples: no photograph is
/// read. The result is, to the byte, what a build with these options makes.
package struct StoreConversion {
  package let input: String
  package let output: String
  package let codec: PixelCodec
  /// Nil for as many as the store has.
  package let samplesPerShard: Int?
  package let threads: Int
  /// Whether another store at the output may be replaced.
  package let force: Bool

  package init(
    input: String, output: String, codec: PixelCodec, samplesPerShard: Int?, threads: Int?,
    force: Bool
  ) throws {
    self.input = input
    self.output = try followingLinks(BuildOptions.withoutTrailingSlashes(output))
    self.codec = codec
    self.samplesPerShard = samplesPerShard
    self.threads = threads ?? availableCoreCount()
    self.force = force
  }

  /// What a conversion did.
  package struct Summary: Sendable {
    package let sampleCount: Int
    /// Bytes of all files of the store before and after.
    package let inputByteCount: Int
    package let outputByteCount: Int
    /// The store was there already.
    package let isUnchanged: Bool
  }

  /// - Throws: `BuildError`, `StoreError`, `FileError`: nothing is at the output that was not there
  ///   before.
  package func run(showsProgress: Bool? = nil) throws -> Summary {
    let place = StorePlace(output, force: force)
    try place.check()
    let store = try StoreReader(path: input)
    let (schema, dataset) = try target(of: store)
    let count = store.splits.reduce(0) { $0 + $1.sampleCount }
    func summary(_ byteCount: Int, isUnchanged: Bool) -> Summary {
      Summary(
        sampleCount: count, inputByteCount: store.storeByteCount, outputByteCount: byteCount,
        isUnchanged: isUnchanged)
    }
    let existing = try place.existingStore()
    if let existing, existing.dataset == dataset {
      return summary(existing.storeByteCount, isUnchanged: true)
    }
    if let existing { try place.checkMayBeReplaced(existing) }
    try RejectList.checkOwnership(RejectList.path(ofStore: output))
    let folder = try OutputFolder(staging: output, isOwn: BuildOptions.isOwn)
    let isReplacing = try place.checkReplaced()
    try folder.removeOwnFiles()
    do {
      let writer = StoreWriter(folder: folder.path, schema: schema)
      let line = ProgressLine("converting", total: count, unit: "images", enabled: showsProgress)
      defer { line.finish() }
      var files = try shards(of: store, writer, line)
      for split in store.splits { files += try writer.copyColumns(of: split) }
      let byteCount = try writer.finish(
        splits: store.splits.map { SplitDescription(name: $0.name, sampleCount: $0.sampleCount) },
        files: files, dataset: dataset)
      try RejectList.copy(
        ofStore: BuildOptions.withoutTrailingSlashes(input), to: output,
        temporaryIn: folder.path)
      try folder.publish(replacing: isReplacing ? StoreReader.ownFiles(at: output) : nil)
      return summary(byteCount, isUnchanged: false)
    } catch {
      try? folder.removeOwnFiles()
      throw error
    }
  }

  /// What the new store is, and says of its data.
  private func target(of store: StoreReader) throws -> (StoreSchema, JSONValue) {
    let schema = store.schema
    guard schema.version == StoreFormat.version, schema.hasSources, schema.hasMeasures,
      case .object(var dataset) = store.dataset, case .object(var recipe)? = dataset["pipeline"],
      let fingerprint = dataset["source"]?["fingerprint"]?.stringValue
    else {
      throw BuildError(
        .input,
        "\(input) does not say all that a store of this version says; build it again from its images"
      )
    }
    let layout = try ImageLayout(
      size: store.layout.size, samplesPerShard: samplesPerShard ?? store.layout.samplesPerShard,
      codec: codec)
    recipe["codec"] = .string(codec.rawValue)
    recipe["samples_per_shard"] = .integer(layout.samplesPerShard)
    dataset["pipeline"] = .object(recipe)
    dataset["plan"] = .string(
      try BuildRules.planDigest(recipe: .object(recipe), fingerprint: fingerprint))
    return (
      StoreSchema(
        layout: layout, columns: schema.columns, longestName: schema.nameByteCount,
        hasSources: true, hasMeasures: true),
      .object(dataset)
    )
  }

  /// Writes all shards, a whole one on each thread.
  private func shards(
    of store: StoreReader, _ writer: StoreWriter, _ line: ProgressLine
  ) throws -> [FileEntry] {
    let layout = writer.layout
    let numbers = store.splits.enumerated().flatMap { split, reader in
      (0..<layout.shardCount(samples: reader.sampleCount)).map { (split: split, shard: $0) }
    }
    let old = store.layout
    let work = try OrderedWorkers<FileEntry>(
      count: numbers.count, threads: max(1, min(threads, numbers.count)), name: "convert"
    ) {
      let coder = SampleRecoder(from: old, to: layout)
      return { number in
        let (split, shard) = numbers[number]
        let reader = store.splits[split]
        let file = try writer.shardWriter(split: reader.name, shard: shard)
        let first = shard * layout.samplesPerShard
        for sample in first..<min(first + layout.samplesPerShard, reader.sampleCount) {
          try coder.withChunk(of: sample, in: reader) { try file.append($0) }
        }
        reader.releaseMemory()
        var entry = try file.finish()
        entry.path = StoreWriter.shardPath(split: reader.name, shard: shard)
        return entry
      }
    }
    var files: [FileEntry] = []
    var done = 0
    while let file = try work.next() {
      let (split, shard) = numbers[files.count]
      let rest = store.splits[split].sampleCount - shard * layout.samplesPerShard
      done += min(rest, layout.samplesPerShard)
      files.append(file)
      line.update(done: done)
      if Interruption.isRequested {
        throw BuildError(.interrupted, "interrupted; nothing was written")
      }
    }
    return files
  }
}

/// Gives a sample's chunk in another codec; one per thread.
private final class SampleRecoder {
  private let decoder: SampleDecoder
  private let encoder: SampleEncoder
  private let pixels: UnsafeMutablePointer<UInt8>
  private let isSame: Bool

  init(from old: ImageLayout, to new: ImageLayout) {
    decoder = SampleDecoder(layout: old)
    encoder = SampleEncoder(layout: new)
    pixels = .allocate(capacity: old.sampleByteCount)
    isSame = old.codec == new.codec
  }

  deinit { pixels.deallocate() }

  /// - Throws: `StoreError` where the sample is damaged, and whatever `body` throws.
  func withChunk(
    of sample: Int, in split: SplitReader, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard !isSame else { return try split.withChunk(sample: sample, body) }
    try split.decode(sample: sample, into: pixels, decoder: decoder)
    try body(encoder.encode(pixels))
  }
}
