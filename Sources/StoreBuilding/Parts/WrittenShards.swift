import Checksums
import Files
import Store

/// A shard file, and the sums of its pixels.
struct WrittenShard: Sendable {
  let file: FileEntry
  let sums: ChannelSums

  fileprivate var json: JSONValue {
    func list(_ values: SIMD4<UInt64>) -> JSONValue {
      .array((0..<3).map { .integer(Int(truncatingIfNeeded: values[$0])) })
    }
    return [
      "path": .string(file.path), "bytes": .integer(file.byteCount), "sha256": .string(file.sha256),
      "sum": list(sums.sum), "squares": list(sums.squares),
    ]
  }

  /// - Returns: nil for what `json` did not write.
  fileprivate init?(_ json: JSONValue) {
    guard let path = json["path"]?.stringValue, let byteCount = json["bytes"]?.intValue,
      let sha256 = json["sha256"]?.stringValue,
      let sum = Self.lanes(json["sum"]), let squares = Self.lanes(json["squares"])
    else { return nil }
    file = FileEntry(path: path, byteCount: byteCount, sha256: sha256)
    var sums = ChannelSums()
    (sums.sum, sums.squares) = (sum, squares)
    self.sums = sums
  }

  private static func lanes(_ json: JSONValue?) -> SIMD4<UInt64>? {
    guard let values = json?.arrayValue?.compactMap(\.intValue), values.count == 3 else {
      return nil
    }
    return SIMD4((values + [0]).map { UInt64(truncatingIfNeeded: $0) })
  }

  init(file: FileEntry, sums: ChannelSums) { (self.file, self.sums) = (file, sums) }
}

/// Shards of a store that processes of `merge --part` have written beforehand.
struct WrittenShards: Sendable {
  /// By the path below the store.
  private var shards: [String: (folder: String, shard: WrittenShard)] = [:]

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
      for shard in json["shards"]?.arrayValue?.compactMap(WrittenShard.init) ?? [] {
        shards[shard.file.path] = (folder, shard)
      }
    }
  }

  static func folders(in partsFolder: String) throws -> [String] {
    try namesAsBytes(in: partsFolder).map { String(decoding: $0, as: UTF8.self) }
      .filter {
        $0.hasPrefix(folderPrefix) && PartNumber(folder: $0.dropFirst(folderPrefix.count)) != nil
      }
      .sorted().map { "\(partsFolder)/\($0)" }
  }

  static func manifest(_ shards: [WrittenShard], plan: String) throws -> [UInt8] {
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
  func move(_ path: String, to store: String) throws -> WrittenShard? {
    guard let (folder, shard) = shards[path],
      let file = try? MappedFile(path: "\(folder)/\(path)"),
      file.bytes.count == shard.file.byteCount,
      SHA256Digest.hex(of: file.bytes) == shard.file.sha256,
      (try? file.checkWhole()) != nil
    else { return nil }
    let place = "\(store)/\(path)"
    try makeDirectories(parentFolder(of: place))
    // On another disk the shard is written again, which takes as long as a copy.
    guard (try? renamePath("\(folder)/\(path)", to: place)) != nil else { return nil }
    return shard
  }
}
