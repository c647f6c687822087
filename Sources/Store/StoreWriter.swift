import Checksums
import Experiment
import Files
import Glibc

/// Puts a store together in a folder that is not visible as a store yet: shards are written by
/// `ShardWriter` at the paths given here, then the columns, then, last, the root's metadata.
package struct StoreWriter: Sendable {
  package let folder: String
  package let schema: StoreSchema
  private let queue = SyncQueue()
  package var layout: ImageLayout { schema.layout }

  package init(folder: String, schema: StoreSchema) {
    self.folder = folder
    self.schema = schema
  }

  /// The path of a shard below the store's folder.
  package static func shardPath(split: String, shard: Int) -> String {
    "\(split)/\(StoreFormat.imageArray)/c/\(shard)/0/0/0"
  }

  /// Opens a shard of this store for writing.
  package func shardWriter(split: String, shard: Int) throws -> ShardWriter {
    let path = "\(folder)/\(Self.shardPath(split: split, shard: shard))"
    try makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
    return try ShardWriter(path: path, capacity: layout.samplesPerShard, syncedBy: queue)
  }

  /// Writes a column of the schema, or a measure by its path.
  ///
  /// - Parameter values: the rows of a range of samples within 0 ..< `count`, one after the other,
  ///   values little-endian.
  /// - Returns: its files, paths below the store's folder.
  package func writeColumn(
    split: String, name: String, count: Int, values: (Range<Int>) throws -> [UInt8]
  ) throws -> [FileEntry] {
    guard let column = schema.columnArrays.first(where: { $0.name == name }) else {
      preconditionFailure("the schema has no column \(name)")
    }
    return try writeRows(column, split: split, count: count) { range, rows in
      let values = try values(range)
      precondition(values.count == range.count * column.rowByteCount, "a row for every sample")
      values.withUnsafeBytes { rows.copyMemory(from: $0) }
    }
  }

  /// Writes the names; one longer than the schema's width is cut at a character's end.
  ///
  /// - Parameter names: the UTF-8 bytes of the names of a range of samples.
  package func writeNames(
    split: String, count: Int, names: (Range<Int>) throws -> [[UInt8]]
  ) throws -> [FileEntry] {
    let width = schema.nameByteCount
    return try writeRows(schema.nameArray, split: split, count: count) { range, rows in
      for (sample, name) in try names(range).enumerated() {
        for (i, byte) in Self.fittingName(name, width: width).enumerated() {
          rows[sample * width + i] = byte
        }
      }
    }
  }

  /// Writes the hashes of the sources.
  package func writeSources(
    split: String, count: Int, sources: (Range<Int>) throws -> [SourceHash]
  ) throws -> [FileEntry] {
    try writeColumn(split: split, name: StoreFormat.sourceArray, count: count) {
      try sources($0).flatMap(\.bytes)
    }
  }

  /// Writes every column of a split, measures and names too, as another store has them.
  ///
  /// - Parameter split: a stored one, of a store with the same columns.
  /// - Returns: their files, paths below the store's folder.
  package func copyColumns(of split: SplitReader) throws -> [FileEntry] {
    try schema.columnArrays.flatMap { array in
      let source = try split.rows(of: array)
      return try writeRows(array, split: split.name, count: split.sampleCount) { range, rows in
        let width = array.rowByteCount
        source.withUnsafeBytes {
          rows.copyMemory(
            from: .init(rebasing: $0[range.lowerBound * width..<range.upperBound * width]))
        }
      }
    }
  }

  /// The longest start of a UTF-8 name that fits and ends with a whole character.
  package static func fittingName(_ name: [UInt8], width: Int) -> ArraySlice<UInt8> {
    guard name.count > width else { return name[...] }
    var end = width
    while end > 0, name[end] & 0xc0 == 0x80 { end -= 1 }
    return name[..<end]
  }

  /// - Parameter fill: writes the rows of a range of samples, which are all zeros before.
  private func writeRows(
    _ column: ColumnArray, split: String, count: Int,
    fill: (_ samples: Range<Int>, _ rows: UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> [FileEntry] {
    let perFile = schema.samplesPerColumnFile
    let byteCount = perFile * column.rowByteCount
    var packed = [UInt8](repeating: 0, count: BloscCodec.bound(byteCount))
    var entries: [FileEntry] = []
    for start in stride(from: 0, to: count, by: perFile) {
      // A chunk of Zarr's regular grid always has its full size; the end of the last one is zeros.
      var chunk = [UInt8](repeating: 0, count: byteCount)
      let packedCount = try chunk.withUnsafeMutableBytes { rows in
        try fill(start..<min(start + perFile, count), rows)
        return packed.withUnsafeMutableBytes { target in
          BloscCodec.compress(
            UnsafeRawBufferPointer(rows), into: target, itemByteCount: column.itemByteCount,
            shuffle: column.shuffle)
        }
      }
      let path = column.path(split: split, file: start / perFile)
      let fullPath = "\(folder)/\(path)"
      try makeDirectories(String(fullPath[..<fullPath.lastIndex(of: "/")!]))
      let file = try HashedFileWriter(path: fullPath, syncedBy: queue)
      try packed.withUnsafeBytes { buffer in
        let payload = UnsafeRawBufferPointer(rebasing: buffer[..<packedCount])
        try file.append(payload)
        try withUnsafeBytes(of: CRC32C.checksum(payload).littleEndian) { try file.append($0) }
      }
      var entry = try file.finish()
      entry.path = path
      entries.append(entry)
    }
    return entries
  }

  /// Writes the metadata of all arrays and groups, the root's last.
  ///
  /// - Parameters:
  ///   - files: every shard and column file, paths below the store's folder.
  ///   - dataset: what the builder says of the data: kept as the attribute `dataset`.
  /// - Returns: the bytes of all files of the store.
  @discardableResult
  package func finish(
    splits: [SplitDescription], files: [FileEntry], dataset: JSONValue
  ) throws -> Int {
    var files = files
    let documents = ZarrMetadata.documents(splits: splits, schema: schema)
    for (path, document) in documents.sorted(by: { $0.key < $1.key }) {
      let name = "\(path)/\(StoreFormat.rootMetadataFile)"
      try makeDirectories("\(folder)/\(path)")
      var entry = try write(document.encoded(pretty: true), to: "\(folder)/\(name)")
      entry.path = name
      files.append(entry)
    }
    files.sort { $0.path < $1.path }
    let identity = try StoreIdentity(
      schema: schema, splits: splits, folder: StoreFolder(folder), files: files)
    let root = RootMetadata(
      schema: schema, splits: splits, files: files, dataset: dataset, documents: documents,
      identity: identity)
    for path in folders(of: files) { try queue.add(folder: path) }
    try queue.finish()
    let document = try root.encoded()
    guard document.count <= StoreFormat.largestMetadata else {
      throw StoreError(
        .system(errno: EFBIG), file: "\(folder)/\(StoreFormat.rootMetadataFile)",
        "would have \(document.count) bytes, more than the \(StoreFormat.largestMetadata) that "
          + "readers take; put more samples in a shard than \(layout.samplesPerShard)")
    }
    let entry = try write(document, to: "\(folder)/\(StoreFormat.rootMetadataFile)")
    try queue.finish()
    try syncDirectory(folder)
    return files.reduce(entry.byteCount) { $0 + $1.byteCount }
  }

  private func write(_ bytes: [UInt8], to path: String) throws -> FileEntry {
    let file = try HashedFileWriter(path: path, syncedBy: queue)
    try bytes.withUnsafeBytes { try file.append($0) }
    return try file.finish()
  }

  private func folders(of files: [FileEntry]) -> Set<String> {
    var folders: Set<String> = []
    for entry in files {
      var path = entry.path[...]
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        folders.insert("\(folder)/\(path)")
      }
    }
    return folders
  }
}
