import Checksums
import Files
import Store

/// Shards of a store that processes of `merge --part` have written beforehand.
struct WrittenShards: Sendable {
  /// By the path below the store.
  private var shards: [String: (folder: String, file: FileEntry)] = [:]

  /// The folders of all parts of such a merge begin so.
  static let folderPrefix = "merge-"
  static let manifestFile = "shards.json"

  /// No shards.
  init() {}

  /// - Parameter plan: digest of the store that the shards must be of. Others are passed over, and
  ///   written again.
  init(in partsFolder: String, plan: String) throws {
    for folder in try Self.folders(in: partsFolder) {
      guard let file = try? MappedFile(path: "\(folder)/\(Self.manifestFile)", limit: 1 << 28),
        let json = try? JSONValue.decoded(file.bytes), json["plan"]?.stringValue == plan
      else { continue }
      try file.checkWhole()
      for shard in json["shards"]?.arrayValue?.compactMap(FileEntry.init) ?? [] {
        shards[shard.path] = (folder, shard)
      }
    }
  }

  /// Removes shards that a merge did not take, and what killed processes left of theirs; not what
  /// one that still runs is writing.
  static func remove(from partsFolder: String) throws {
    let partial = ".partial"
    for folder in try folders(in: partsFolder) { try OutputFolder.remove(folder, isOwn: isOwn) }
    for folder in try folders(in: partsFolder, ending: partial) {
      try? OutputFolder(staging: String(folder.dropLast(partial.count)), isOwn: isOwn)
        .removeOwnFiles()
    }
  }

  private static func folders(in partsFolder: String, ending: String = "") throws -> [String] {
    try namesAsBytes(in: partsFolder).map { String(decoding: $0, as: UTF8.self) }
      .filter {
        $0.hasPrefix(folderPrefix) && $0.hasSuffix(ending)
          && PartNumber(folder: $0.dropFirst(folderPrefix.count).dropLast(ending.count)) != nil
      }
      .sorted().map { "\(partsFolder)/\($0)" }
  }

  static func manifest(_ shards: [FileEntry], plan: String) throws -> [UInt8] {
    let json: JSONValue = ["plan": .string(plan), "shards": .array(shards.map(\.json))]
    return try json.encoded() + [UInt8(ascii: "\n")]
  }

  static func isOwn(_ path: String) -> Bool {
    path == manifestFile || StoreFormat.isStoreFile(path)
  }

  /// Moves a shard to its place in a store, if it is there and is what its manifest says.
  ///
  /// - Parameter path: below the store's folder.
  /// - Returns: nil where the shard has to be written.
  func move(_ path: String, to store: String) throws -> FileEntry? {
    guard let (folder, shard) = shards[path],
      let file = try? MappedFile(path: "\(folder)/\(path)"), file.bytes.count == shard.byteCount,
      SHA256Digest.hex(of: file.bytes) == shard.sha256,
      (try? file.checkWhole()) != nil
    else { return nil }
    let place = "\(store)/\(path)"
    try makeDirectories(parentFolder(of: place))
    // On another disk the shard is written again, which takes as long as a copy.
    guard (try? renamePath("\(folder)/\(path)", to: place)) != nil else { return nil }
    return shard
  }
}
