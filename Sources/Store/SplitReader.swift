import Experiment

/// The samples of one split: pixels by random access, labels as whole columns.
///
/// Safe to share: everything is read-only. Each thread brings its own `SampleDecoder`.
package final class SplitReader: Sendable {
  package let name: String
  package let sampleCount: Int
  /// In the order they were declared.
  package let columns: [Column]
  package let layout: ImageLayout
  /// Whether the hashes of the sources are in the store.
  package let hasSources: Bool
  private let place: String
  private let shards: [ShardReader]
  private let columnFiles: ColumnFiles

  init(
    folder: StoreFolder, description: SplitDescription, schema: StoreSchema,
    files: [String: FileEntry]
  ) throws {
    layout = schema.layout
    name = description.name
    sampleCount = description.sampleCount
    columns = schema.columns
    hasSources = schema.hasSources
    place = "\(folder.path)/\(description.name)"
    var shards: [ShardReader] = []
    for shard in 0..<layout.shardCount(samples: sampleCount) {
      let count = min(layout.samplesPerShard, sampleCount - shard * layout.samplesPerShard)
      shards.append(
        try ShardReader(
          folder: folder,
          entry: files.entry(StoreWriter.shardPath(split: description.name, shard: shard)),
          capacity: layout.samplesPerShard, sampleCount: count))
    }
    self.shards = shards
    columnFiles = try ColumnFiles(
      split: description, schema: schema, folder: folder, files: files)
  }

  /// Decodes the pixels of one sample.
  ///
  /// - Parameters:
  ///   - sample: 0 ..< `sampleCount`.
  ///   - output: planar R, G, B: [3][size][size] bytes, `layout.sampleByteCount` of them.
  ///   - decoder: the calling thread's own, made for this store's `layout`.
  /// - Throws: `StoreError` naming shard and sample where the bytes are damaged, `FileError` where
  ///   the shard was cut meanwhile.
  package func decode(
    sample: Int, into output: UnsafeMutablePointer<UInt8>, decoder: SampleDecoder
  ) throws {
    let (shard, place) = sample.quotientAndRemainder(dividingBy: layout.samplesPerShard)
    let problem = decoder.decode(shards[shard].chunk(place), into: output)
    try shards[shard].checkWhole()
    if let problem {
      throw StoreError(
        .damaged, file: shards[shard].path, sample: place,
        "\(problem); check the store with utk-prep verify, then build it again")
    }
  }

  /// Lends the encoded pixels of one sample, checksum included, after comparing it.
  ///
  /// - Throws: `StoreError` where the bytes are damaged, `FileError` where the shard was cut
  ///   meanwhile, and whatever `body` throws.
  package func withChunk<Result>(
    sample: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let (shard, place) = sample.quotientAndRemainder(dividingBy: layout.samplesPerShard)
    let chunk = shards[shard].chunk(place)
    if let problem = SampleDecoder.checksumProblem(of: chunk) {
      throw StoreError(.damaged, file: shards[shard].path, sample: place, problem)
    }
    let result = try body(chunk)
    try shards[shard].checkWhole()
    return result
  }

  /// Gives the memory back that the samples read so far take; they are read again when needed.
  package func releaseMemory() { for shard in shards { shard.releaseMemory() } }

  /// The values of a measure, little-endian.
  ///
  /// - Precondition: the store has measures.
  /// - Throws: `StoreError` where they are damaged.
  package func values(of measure: StoreMeasure) throws -> [UInt8] {
    try columnFiles.rows(measure.path)
  }

  /// Bytes on disk of one sample's pixels, checksum included.
  package func encodedByteCount(sample: Int) -> Int {
    let (shard, place) = sample.quotientAndRemainder(dividingBy: layout.samplesPerShard)
    return shards[shard].chunk(place).count
  }

  /// The shard file that holds a sample, for messages: its path below the store's folder.
  package func shardPath(ofSample sample: Int) -> String {
    shards[sample / layout.samplesPerShard].path
  }

  /// A column, checked against the store's list of files.
  ///
  /// - Throws: `StoreError` where there is none of that name, or it is damaged.
  package func column(_ name: String) throws -> ColumnValues {
    guard let column = columns.first(where: { $0.name == name }) else {
      throw StoreError(
        .notFound, file: place,
        "has no column \"\(name)\"; it has \(columns.map(\.name).joined(separator: ", "))")
    }
    return ColumnValues(
      column: column, sampleCount: sampleCount, bytes: try columnFiles.rows(name))
  }

  /// The source names: paths below the source folder.
  package func names() throws -> [String] {
    let bytes = try columnFiles.rows(StoreFormat.nameArray)
    let width = sampleCount == 0 ? 1 : bytes.count / sampleCount
    return (0..<sampleCount).map { sample in
      let name = bytes[(sample * width)..<((sample + 1) * width)].prefix { $0 != 0 }
      return String(decoding: name, as: UTF8.self)
    }
  }

  /// What tells the samples of all stores apart: the hashes of their sources or, in a store that has
  /// none, of their names.
  package func sources() throws -> [SourceHash] { SourceHash.list(try columnFiles.sources()) }
}
