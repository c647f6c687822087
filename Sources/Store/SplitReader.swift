/// The samples of one split: pixels by random access, labels as whole columns.
///
/// Safe to share: everything is read-only. Each thread brings its own `SampleDecoder`.
package final class SplitReader: Sendable {
  package let name: String
  package let sampleCount: Int
  /// Label columns, in the order they were declared.
  package let columns: [String]
  package let layout: ImageLayout
  private let folder: String
  private let shards: [ShardReader]
  private let columnFiles: [String: [FileEntry]]

  init(
    folder: String, description: SplitDescription, layout: ImageLayout, files: [String: FileEntry]
  ) throws {
    self.folder = folder
    self.layout = layout
    name = description.name
    sampleCount = description.sampleCount
    columns = description.columns
    let shardCount = layout.shardCount(samples: sampleCount)
    func entry(_ path: String) throws -> FileEntry {
      guard let entry = files[path] else {
        throw StoreError(
          .damaged, file: path,
          "is not in the store's list of files; without it Zarr would read zeros. "
            + "Build the store again")
      }
      return entry
    }
    var shards: [ShardReader] = []
    for shard in 0..<shardCount {
      let count = min(layout.samplesPerShard, sampleCount - shard * layout.samplesPerShard)
      shards.append(
        try ShardReader(
          folder: folder,
          entry: entry(StoreWriter.shardPath(split: description.name, shard: shard)),
          capacity: layout.samplesPerShard, sampleCount: count))
    }
    self.shards = shards
    var columnFiles: [String: [FileEntry]] = [:]
    for column in description.columns {
      columnFiles[column] = try (0..<shardCount).map {
        try entry("\(description.name)/\(column)/c/\($0)")
      }
    }
    columnFiles[StoreFormat.nameArray] = try (0..<shardCount).map {
      try entry("\(description.name)/\(StoreFormat.nameArray)/c/\($0)/0")
    }
    self.columnFiles = columnFiles
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

  /// Bytes on disk of one sample's pixels, checksum included.
  package func encodedByteCount(sample: Int) -> Int {
    let (shard, place) = sample.quotientAndRemainder(dividingBy: layout.samplesPerShard)
    return shards[shard].chunk(place).count
  }

  /// The shard file that holds a sample, for messages: its path below the store's folder.
  package func shardPath(ofSample sample: Int) -> String {
    shards[sample / layout.samplesPerShard].path
  }

  /// A label column, one value a sample.
  ///
  /// - Throws: `StoreError` where there is none of that name, or it is damaged.
  package func column(_ name: String) throws -> [UInt8] {
    guard columns.contains(name) else {
      throw StoreError(
        .notFound, file: "\(folder)/\(self.name)",
        "has no label column \"\(name)\"; it has \(columns.joined(separator: ", "))")
    }
    return try read(name, itemByteCount: 1)
  }

  /// The source names, relative paths cut at 64 bytes.
  package func names() throws -> [String] {
    let width = StoreFormat.nameByteCount
    let bytes = try read(StoreFormat.nameArray, itemByteCount: width)
    return (0..<sampleCount).map { sample in
      let name = bytes[(sample * width)..<((sample + 1) * width)].prefix { $0 != 0 }
      return String(decoding: name, as: UTF8.self)
    }
  }

  private func read(_ name: String, itemByteCount: Int) throws -> [UInt8] {
    let chunkByteCount = layout.samplesPerShard * itemByteCount
    var values: [UInt8] = []
    values.reserveCapacity(sampleCount * itemByteCount)
    var chunk = [UInt8](repeating: 0, count: chunkByteCount)
    for entry in columnFiles[name] ?? [] {
      let file = try mappedFile("\(folder)/\(entry.path)")
      let problem = chunk.withUnsafeMutableBytes { output -> String? in
        if let problem = SampleDecoder.checksumProblem(of: file.bytes) { return problem }
        let payload = UnsafeRawBufferPointer(
          rebasing: file.bytes.dropLast(StoreFormat.checksumByteCount))
        return BloscCodec.decompress(payload, into: output)
      }
      try file.checkWhole()
      if let problem {
        throw StoreError(.damaged, file: entry.path, "\(problem); build the store again")
      }
      values.append(contentsOf: chunk.prefix(sampleCount * itemByteCount - values.count))
    }
    return values
  }
}
