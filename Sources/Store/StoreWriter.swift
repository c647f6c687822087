import Checksums
import Files
import Glibc

/// Puts a store together in a folder that is not visible as a store yet: shards are written by
/// `ShardWriter` at the paths given here, then the columns, then, last, the root's metadata.
package struct StoreWriter: Sendable {
  package let folder: String
  package let layout: ImageLayout

  package init(folder: String, layout: ImageLayout) {
    self.folder = folder
    self.layout = layout
  }

  /// The path of a shard below the store's folder.
  package static func shardPath(split: String, shard: Int) -> String {
    "\(split)/\(StoreFormat.imageArray)/c/\(shard)/0/0/0"
  }

  /// Opens a shard of this store for writing.
  package func shardWriter(split: String, shard: Int) throws -> ShardWriter {
    let path = "\(folder)/\(Self.shardPath(split: split, shard: shard))"
    try makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
    return try ShardWriter(path: path, capacity: layout.samplesPerShard)
  }

  /// Writes a label column.
  ///
  /// - Parameter values: the labels of a range of samples within 0 ..< `count`.
  /// - Returns: its chunk files, paths below the store's folder.
  package func writeColumn(
    split: String, name: String, count: Int, values: (Range<Int>) throws -> [UInt8]
  ) throws -> [FileEntry] {
    try writeChunks(
      count: count, itemByteCount: 1, array: "\(split)/\(name)", suffix: "",
      shuffle: BloscCodec.bitshuffle
    ) { range, items in
      for (i, value) in try values(range).enumerated() { items[i] = value }
    }
  }

  /// Writes the names; one longer than 64 bytes is cut at a character's end.
  ///
  /// - Parameter names: the UTF-8 bytes of the names of a range of samples.
  package func writeNames(
    split: String, count: Int, names: (Range<Int>) throws -> [[UInt8]]
  ) throws -> [FileEntry] {
    try writeChunks(
      count: count, itemByteCount: StoreFormat.nameByteCount,
      array: "\(split)/\(StoreFormat.nameArray)", suffix: "/0", shuffle: BloscCodec.byteShuffle
    ) { range, items in
      for (sample, name) in try names(range).enumerated() {
        let item = items + sample * StoreFormat.nameByteCount
        for (i, byte) in Self.fittingName(name).enumerated() { item[i] = byte }
      }
    }
  }

  /// The longest start of a UTF-8 name that fits and ends with a whole character.
  package static func fittingName(_ name: [UInt8]) -> ArraySlice<UInt8> {
    guard name.count > StoreFormat.nameByteCount else { return name[...] }
    var end = StoreFormat.nameByteCount
    while end > 0, name[end] & 0xc0 == 0x80 { end -= 1 }
    return name[..<end]
  }

  /// - Parameter fill: writes the items of a range of samples, which are all zeros before.
  private func writeChunks(
    count: Int, itemByteCount: Int, array: String, suffix: String, shuffle: Int32,
    fill: (_ samples: Range<Int>, _ items: UnsafeMutablePointer<UInt8>) throws -> Void
  ) throws -> [FileEntry] {
    let perChunk = layout.samplesPerShard
    var packed = [UInt8](repeating: 0, count: BloscCodec.bound(perChunk * itemByteCount))
    var entries: [FileEntry] = []
    for start in stride(from: 0, to: count, by: perChunk) {
      // A chunk of Zarr's regular grid always has its full size; the end of the last one is zeros.
      var chunk = [UInt8](repeating: 0, count: perChunk * itemByteCount)
      let packedCount = try chunk.withUnsafeMutableBufferPointer { items in
        try fill(start..<min(start + perChunk, count), items.baseAddress!)
        return packed.withUnsafeMutableBytes { target in
          BloscCodec.compress(
            UnsafeRawBufferPointer(items), into: target, itemByteCount: itemByteCount,
            shuffle: shuffle)
        }
      }
      let path = "\(array)/c/\(start / perChunk)\(suffix)"
      let fullPath = "\(folder)/\(path)"
      try makeDirectories(String(fullPath[..<fullPath.lastIndex(of: "/")!]))
      let file = try HashedFileWriter(path: fullPath)
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
    let documents = ZarrMetadata.documents(splits: splits, layout: layout)
    for (path, document) in documents.sorted(by: { $0.key < $1.key }) {
      let name = "\(path)/\(StoreFormat.rootMetadataFile)"
      try makeDirectories("\(folder)/\(path)")
      var entry = try write(document.encoded(pretty: true), to: "\(folder)/\(name)")
      entry.path = name
      files.append(entry)
    }
    files.sort { $0.path < $1.path }
    let root = RootMetadata(
      layout: layout, splits: splits, files: files, dataset: dataset, documents: documents)
    for path in folders(of: files) { try syncDirectory(path) }
    let document = try root.encoded()
    guard document.count <= StoreFormat.largestMetadata else {
      throw StoreError(
        .system(errno: EFBIG), file: "\(folder)/\(StoreFormat.rootMetadataFile)",
        "would have \(document.count) bytes, more than the \(StoreFormat.largestMetadata) that "
          + "readers take; put more samples in a shard than \(layout.samplesPerShard)")
    }
    let entry = try write(document, to: "\(folder)/\(StoreFormat.rootMetadataFile)")
    try syncDirectory(folder)
    return files.reduce(entry.byteCount) { $0 + $1.byteCount }
  }

  private func write(_ bytes: [UInt8], to path: String) throws -> FileEntry {
    let file = try HashedFileWriter(path: path)
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
