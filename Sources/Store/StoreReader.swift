import Files
import Glibc

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
/// and every shard's index. The pixels themselves are checked as they are read, by their CRC-32C;
/// all of them, and the hash of every file, by `StoreVerifier`.
package final class StoreReader: Sendable {
  package let path: String
  package let layout: ImageLayout
  /// In the order they were built: train, validation.
  package let splits: [SplitReader]
  package let files: [FileEntry]
  /// What the builder says of the data: the root attribute `dataset`.
  package let dataset: JSONValue

  /// - Throws: `StoreError` where the folder is no store, of another version, or damaged.
  package init(path: String) throws {
    let root = try Self.readRoot(path: path)
    self.path = path
    layout = root.layout
    files = root.files
    dataset = root.dataset
    for entry in root.files { try Self.checkSize(of: entry, folder: path) }
    let byPath = Dictionary(
      root.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    splits = try root.splits.map {
      try SplitReader(folder: path, description: $0, layout: root.layout, files: byPath)
    }
  }

  /// - Throws: `StoreError` where there is no split of that name.
  package func split(_ name: String) throws -> SplitReader {
    guard let split = splits.first(where: { $0.name == name }) else {
      let names = splits.map(\.name).joined(separator: ", ")
      throw StoreError(.notFound, file: path, "has no split \"\(name)\"; it has \(names)")
    }
    return split
  }

  /// Bytes of all files of the store, metadata included.
  package var storeByteCount: Int {
    get throws {
      files.reduce(try fileByteCount("\(path)/\(StoreFormat.rootMetadataFile)")) {
        $0 + $1.byteCount
      }
    }
  }

  static func readRoot(path: String) throws -> RootMetadata {
    let file = "\(path)/\(StoreFormat.rootMetadataFile)"
    let mapped: MappedFile
    do throws(FileError) {
      mapped = try MappedFile(path: file, limit: StoreFormat.largestMetadata)
    } catch {
      guard [ENOENT, ENOTDIR].contains(error.code) else { throw StoreError(error) }
      throw StoreError(
        .notAStore, file: path,
        "is not a store: it has no \(StoreFormat.rootMetadataFile); "
          + "make one with utk-prep build SOURCE --output \(path)")
    }
    let metadata = Result { try RootMetadata(bytes: mapped.bytes, file: file) }
    try mapped.checkWhole()
    return try metadata.get()
  }

  static func checkSize(of entry: FileEntry, folder: String) throws {
    let byteCount: Int
    do {
      byteCount = try fileByteCount("\(folder)/\(entry.path)")
    } catch {
      guard error.code == ENOENT else { throw StoreError(error) }
      throw StoreError(
        .missingFile, file: entry.path,
        "is missing from the store at \(folder), and Zarr would read zeros in its place; "
          + "build the store again")
    }
    guard byteCount == entry.byteCount else {
      throw StoreError(
        .damaged, file: entry.path,
        "has \(byteCount) bytes, expected \(entry.byteCount); build the store again")
    }
  }
}

extension StoreReader {
  /// Which paths below the folder of a store are files of that store: those that its metadata lists,
  /// or, where that cannot be read, all that have the form of a store's.
  package static func ownFiles(at path: String) -> (String) -> Bool {
    guard let root = try? readRoot(path: path) else { return StoreFormat.isStoreFile }
    let listed = Set(root.files.map(\.path) + [StoreFormat.rootMetadataFile])
    return { listed.contains($0) }
  }
}
