import Experiment
import Files

/// A store on disk, checked and opened for reading.
///
/// ```swift
/// let store = try StoreReader(path: "data/shards/utkface-32")
/// let train = try store.split("train")
/// let decoder = SampleDecoder(layout: store.layout)
/// try train.decode(sample: 0, into: pixels, decoder: decoder)
/// ```
///
/// Opening checks the metadata against its digest, that every listed file is there with its size,
/// and every shard's index, and maps every file, so that a reader goes on with the store that it
/// opened when another takes its name. Pixels are checked as they are read, by their CRC-32C,
/// columns by their hash; all of them, and the hash of every file, by `StoreVerifier`.
package final class StoreReader: Sendable {
  package let path: String
  package let schema: StoreSchema
  package var layout: ImageLayout { schema.layout }
  /// In the order they were built: train, validation.
  package let splits: [SplitReader]
  package let files: [FileEntry]
  /// What the builder says of the data: the root attribute `dataset`.
  package let dataset: JSONValue
  package let identity: StoreIdentity
  /// Bytes of all files of the store, metadata included.
  package let storeByteCount: Int

  /// - Throws: `StoreError` where the folder is not a store, is of another version, or is damaged.
  package init(path: String) throws {
    self.path = path
    let (root, splits) = try StoreFolder.opening(path) { folder in
      let root = try Self.readRoot(folder)
      for entry in root.files { try folder.checkSize(of: entry) }
      let byPath = FileEntry.byPath(root.files)
      return (
        root,
        try root.splits.map {
          try SplitReader(folder: folder, description: $0, schema: root.schema, files: byPath)
        }
      )
    }
    self.splits = splits
    schema = root.schema
    files = root.files
    dataset = root.dataset
    identity = root.identity
    storeByteCount = root.files.reduce(root.byteCount) { $0 + $1.byteCount }
  }

  /// - Throws: `StoreError` where there is no split of that name.
  package func split(_ name: String) throws -> SplitReader {
    guard let split = splits.first(where: { $0.name == name }) else {
      let names = splits.map(\.name).joined(separator: ", ")
      throw StoreError(.notFound, file: path, "has no split \"\(name)\"; it has \(names)")
    }
    return split
  }

  /// Mean and deviation of the training pixels; nil where the store does not say values that can be.
  package var channelStatistics: ChannelStatistics? {
    guard let mean = dataset["channel_mean"]?.arrayValue?.compactMap(\.doubleValue),
      let deviation = dataset["channel_std"]?.arrayValue?.compactMap(\.doubleValue),
      mean.count == 3, deviation.count == 3, mean.allSatisfy({ (0...1).contains($0) }),
      deviation.allSatisfy({ (1e-6...1).contains($0) })
    else { return nil }
    return ChannelStatistics(mean: mean, deviation: deviation)
  }

  static func readRoot(_ folder: StoreFolder) throws -> RootMetadata {
    let mapped: MappedFile
    do throws(StoreError) {
      mapped = try folder.map(StoreFormat.rootMetadataFile, limit: StoreFormat.largestMetadata)
    } catch {
      guard error.kind == .missingFile else { throw error }
      throw StoreFolder.notAStore(
        folder.path, "is not a store: it has no \(StoreFormat.rootMetadataFile)")
    }
    let root = Result {
      try RootMetadata(
        bytes: mapped.bytes, file: "\(folder.path)/\(StoreFormat.rootMetadataFile)")
    }
    try mapped.checkWhole()
    return try root.get()
  }
}

extension StoreReader {
  /// Which paths below the folder of a store are files of that store: those that its metadata lists,
  /// or, where that cannot be read, all that have the form of a store's.
  package static func ownFiles(at path: String) -> (String) -> Bool {
    guard let root = try? readRoot(StoreFolder(path)) else { return StoreFormat.isStoreFile }
    let listed = Set(root.files.map(\.path) + [StoreFormat.rootMetadataFile])
    return { listed.contains($0) }
  }
}
