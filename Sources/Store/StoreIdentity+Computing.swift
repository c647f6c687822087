import Checksums
import Experiment

extension StoreIdentity {
  /// Computes the identities of a store from its columns; the digest of the metadata is left empty.
  ///
  /// Content is SHA-256 over the size and, by split, its name, sources, and label columns by name.
  /// Where a store has no hashes of its sources, the names of the samples take their place.
  init(
    schema: StoreSchema, splits: [SplitDescription], folder: StoreFolder, files: [FileEntry]
  ) throws {
    let files = FileEntry.byPath(files)
    var content = SHA256Digest()
    content.update("hydranet content 1", schema.layout.size)
    var members: [String: String] = [:]
    for split in splits {
      let columns = try ColumnFiles(
        split: split, schema: schema, folder: folder, files: files, names: !schema.hasSources)
      let sources = try columns.sources()
      content.update("split \(split.name)", split.sampleCount)
      sources.withUnsafeBytes { content.update($0) }
      for column in schema.columns.sorted(by: { $0.name < $1.name }) where column.role == .label {
        content.update(
          "column \(column.name) \(column.kind) \(column.element) \(column.missing)", column.width)
        try columns.rows(column.name).withUnsafeBytes { content.update($0) }
      }
      members[split.name] = Self.members(sources)
    }
    self.init(metadataSHA256: "", contentSHA256: content.finishHex(), membersSHA256: members)
  }

  private static func members(_ sources: [UInt8]) -> String {
    let sorted = SourceHash.list(sources).sorted()
    var digest = SHA256Digest()
    for source in sorted { source.withBytes { digest.update($0) } }
    return digest.finishHex()
  }
}

extension SHA256Digest {
  /// A labeled number, with an end that no name can have.
  fileprivate mutating func update(_ label: String, _ number: Int) {
    Array("\(label) \(number)\n".utf8).withUnsafeBytes { update($0) }
  }
}
