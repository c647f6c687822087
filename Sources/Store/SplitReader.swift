import Experiment
import Files

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
  /// The samples of the stored split that this one has, in order; nil for all.
  private let selection: [Int]?

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
    selection = nil
  }

  private init(_ whole: SplitReader, name: String, selection: [Int]) {
    self.name = name
    self.selection = selection
    sampleCount = selection.count
    columns = whole.columns
    layout = whole.layout
    hasSources = whole.hasSources
    place = whole.place
    shards = whole.shards
    columnFiles = whole.columnFiles
  }

  /// A split of some samples of this one.
  ///
  /// - Precondition: this is a stored split, and every sample is one of it.
  package func selecting(_ samples: [Int], as name: String) -> SplitReader {
    precondition(selection == nil && samples.allSatisfy { (0..<sampleCount).contains($0) })
    return SplitReader(self, name: name, selection: samples)
  }

  /// The shard of a sample and the place in it.
  private func shard(of sample: Int) -> (shard: Int, place: Int) {
    let stored = selection.map { $0[sample] } ?? sample
    return (stored / layout.samplesPerShard, stored % layout.samplesPerShard)
  }

  /// Of the rows of all stored samples, those of this split's.
  private func selected(_ rows: [UInt8], _ storedCount: Int) -> [UInt8] {
    guard let selection, storedCount > 0 else { return rows }
    let width = rows.count / storedCount
    var result: [UInt8] = []
    result.reserveCapacity(selection.count * width)
    for sample in selection {
      result.append(contentsOf: rows[sample * width..<(sample + 1) * width])
    }
    return result
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
    let (shard, place) = shard(of: sample)
    let problem = decoder.decode(shards[shard].chunk(place), into: output)
    try shards[shard].checkWhole()
    if let problem {
      throw StoreError(
        .damaged, file: shards[shard].path, sample: place,
        "\(problem); check the store with utk-prep verify, then build it again")
    }
  }

  /// Decodes the pixels of some samples, one after the other.
  ///
  /// - Parameter output: for each sample what `decode(sample:into:decoder:)` gives.
  /// - Throws: `StoreError` where there is no such sample, or the bytes of one are damaged,
  ///   `FileError` where the shard was cut meanwhile.
  package func decode(
    samples: some Collection<Int>, into output: UnsafeMutablePointer<UInt8>
  ) throws {
    let decoder = SampleDecoder(layout: layout)
    for (index, sample) in samples.enumerated() {
      guard (0..<sampleCount).contains(sample) else {
        throw StoreError(
          .notFound, file: place,
          "has no sample \(sample); it has \(sampleCount), numbered from 0")
      }
      try decode(sample: sample, into: output + index * layout.sampleByteCount, decoder: decoder)
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

  /// The encoded pixels of one sample as they are in the file, its checksum not compared.
  ///
  /// - Throws: `FileError` where the shard was cut meanwhile.
  package func copyOfChunk(sample: Int) throws(FileError) -> [UInt8] {
    let (shard, place) = shard(of: sample)
    let chunk = Array(shards[shard].chunk(place))
    try shards[shard].checkWhole()
    return chunk
  }

  /// Gives the memory back that the samples read so far take; they are read again when needed.
  package func releaseMemory() { for shard in shards { shard.releaseMemory() } }

  /// The rows of an array that has one for every sample, as they are stored.
  ///
  /// - Precondition: the schema has the array, and this is a stored split.
  /// - Throws: `StoreError` where they are damaged.
  func rows(of array: ColumnArray) throws -> [UInt8] {
    precondition(selection == nil)
    return try columnFiles.rows(array.name)
  }

  /// The values of a measure, little-endian.
  ///
  /// - Precondition: the store has measures.
  /// - Throws: `StoreError` where they are damaged.
  package func values(of measure: StoreMeasure) throws -> [UInt8] {
    try columnFiles.rows(measure.path)
  }

  /// Bytes on disk of one sample's pixels, checksum included.
  package func encodedByteCount(sample: Int) -> Int {
    let (shard, place) = shard(of: sample)
    return shards[shard].chunk(place).count
  }

  /// The shard file that holds a sample, for messages: its path below the store's folder.
  package func shardPath(ofSample sample: Int) -> String {
    shards[shard(of: sample).shard].path
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
      column: column, sampleCount: sampleCount,
      bytes: try selected(columnFiles.rows(name), columnFiles.sampleCount))
  }

  /// The source names: paths below the source folder.
  package func names() throws -> [String] { try names(of: 0..<sampleCount) }

  /// The source names of some samples.
  package func names(of samples: some Sequence<Int>) throws -> [String] {
    let bytes = try selected(columnFiles.rows(StoreFormat.nameArray), columnFiles.sampleCount)
    let width = sampleCount == 0 ? 1 : bytes.count / sampleCount
    return samples.map { sample in
      let name = bytes[(sample * width)..<((sample + 1) * width)].prefix { $0 != 0 }
      return String(decoding: name, as: UTF8.self)
    }
  }

  /// What tells the samples of all stores apart: the hashes of their sources or, in a store that has
  /// none, of their names.
  package func sources() throws -> [SourceHash] {
    SourceHash.list(try selected(columnFiles.sources(), columnFiles.sampleCount))
  }
}
