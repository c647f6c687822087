import Checksums
import Experiment

/// The root group's document: Zarr's consolidated metadata, and ours under two attributes:
/// `hydranet` (format version, layout, splits, the list of files with sizes and hashes, and a
/// digest of this very file) and `dataset` (what the builder says of the data).
struct RootMetadata {
  let layout: ImageLayout
  let splits: [SplitDescription]
  let files: [FileEntry]
  let dataset: JSONValue
  let documents: [String: JSONValue]

  /// The file's bytes. The digest is SHA-256 of these bytes with its own 64 digits as zeros: every
  /// other file's hash stands in this one, so that one number vouches for all.
  func encoded() throws -> [UInt8] {
    var bytes = try document(digest: StoreFormat.blankDigest).encoded(pretty: true)
    let digest = bytes.withUnsafeBytes { SHA256Digest.hex(of: $0) }
    guard let place = Self.digestPlace(in: bytes) else {
      preconditionFailure("the document just made has a digest field")
    }
    bytes.replaceSubrange(place, with: digest.utf8)
    return bytes
  }

  private func document(digest: String) -> JSONValue {
    let ours: JSONValue = [
      "format_version": .integer(StoreFormat.version),
      "metadata_sha256": .string(digest),
      "layout": [
        "size": .integer(layout.size), "samples_per_shard": .integer(layout.samplesPerShard),
        "codec": .string(layout.codec.rawValue),
      ],
      "splits": .array(
        splits.map { split in
          [
            "name": .string(split.name), "samples": .integer(split.sampleCount),
            "columns": .array(split.columns.map { .string($0) }),
          ]
        }),
      "files": .array(files.map(\.json)),
    ]
    return .object([
      "zarr_format": 3, "node_type": "group",
      "attributes": .object([StoreFormat.attributeKey: ours, "dataset": dataset]),
      "consolidated_metadata": [
        "kind": "inline", "must_understand": false, "metadata": .object(documents),
      ],
    ])
  }

  private static let digestKey = Array("\"metadata_sha256\" : \"".utf8)

  /// Where the digest's 64 digits stand: behind the only key of that name in the document.
  static func digestPlace(in bytes: [UInt8]) -> Range<Int>? {
    let key = digestKey
    guard bytes.count > key.count + 64 else { return nil }
    for start in 0..<(bytes.count - key.count - 64)
    where bytes[start] == key[0] && bytes[start..<(start + key.count)].elementsEqual(key) {
      return (start + key.count)..<(start + key.count + 64)
    }
    return nil
  }

  /// Reads and checks a root document.
  ///
  /// - Throws: `StoreError` where it is not a store's, of another version, or damaged.
  init(bytes: UnsafeRawBufferPointer, file: String) throws {
    func damaged(_ what: String) -> StoreError {
      StoreError(.damaged, file: file, "\(what); build the store again with utk-prep build --force")
    }
    // A large document takes a hundred times its size to parse, so that it must prove itself before.
    if bytes.count > Self.largestUnproven, let problem = Self.digestProblem(of: bytes) {
      throw damaged(problem)
    }
    guard let json = try? JSONValue.decoded(bytes) else {
      throw damaged("is not JSON")
    }
    guard let ours = json["attributes"]?[StoreFormat.attributeKey] else {
      throw StoreError(
        .notAStore, file: file,
        "is Zarr metadata without the attribute \"\(StoreFormat.attributeKey)\"; "
          + "expected a store that utk-prep build wrote")
    }
    guard ours["format_version"]?.intValue == StoreFormat.version else {
      let got = ours["format_version"]?.intValue.map(String.init) ?? "none"
      throw StoreError(
        .otherVersion, file: file,
        "has format version \(got), expected \(StoreFormat.version); "
          + "build the store again with this utk-prep")
    }
    if let problem = Self.digestProblem(of: bytes) { throw damaged(problem) }
    guard let size = ours["layout"]?["size"]?.intValue,
      let perShard = ours["layout"]?["samples_per_shard"]?.intValue,
      let codec = ours["layout"]?["codec"]?.stringValue.flatMap(PixelCodec.init(rawValue:))
    else { throw damaged("names no layout") }
    do {
      layout = try ImageLayout(size: size, samplesPerShard: perShard, codec: codec)
    } catch let error as StoreError {
      throw damaged("its layout is impossible: \(error)")
    }
    splits = try Self.splits(ours["splits"], damaged)
    files = try Self.files(ours["files"], damaged)
    dataset = json["attributes"]?["dataset"] ?? [:]
    documents = ZarrMetadata.documents(splits: splits, layout: layout)
    guard json["consolidated_metadata"]?["metadata"] == .object(documents) else {
      throw damaged("describes other arrays than its layout says")
    }
  }

  private static let largestUnproven = 1 << 20

  private static func digestProblem(of bytes: UnsafeRawBufferPointer) -> String? {
    var text = [UInt8](bytes)
    guard let place = digestPlace(in: text) else { return "has no digest of itself" }
    let expected = String(decoding: text[place], as: UTF8.self)
    text.replaceSubrange(place, with: StoreFormat.blankDigest.utf8)
    let got = text.withUnsafeBytes { SHA256Digest.hex(of: $0) }
    guard got != expected else { return nil }
    return "its SHA-256 is \(got.prefix(16))…, expected \(expected.prefix(16))…"
  }

  private static func splits(
    _ json: JSONValue?, _ damaged: (String) -> StoreError
  ) throws -> [SplitDescription] {
    var names: Set<String> = []
    return try (json?.arrayValue ?? []).map { split in
      guard let name = split["name"]?.stringValue, isPlain(name), names.insert(name).inserted,
        let count = split["samples"]?.intValue, count >= 0, count <= 1 << 40,
        let columns = split["columns"]?.arrayValue?.compactMap(\.stringValue),
        columns.allSatisfy(isPlain)
      else { throw damaged("describes a split that cannot be read") }
      return SplitDescription(name: name, sampleCount: count, columns: columns)
    }
  }

  /// Names of splits and columns become paths: letters, digits, "-" and "_" only.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy {
        ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || $0 == 95
          || $0 == 45
      }
  }

  private static func files(
    _ json: JSONValue?, _ damaged: (String) -> StoreError
  ) throws -> [FileEntry] {
    var paths: Set<String> = []
    // Sums of sizes are taken without looking; no disk holds more.
    var room = 1 << 60
    return try (json?.arrayValue ?? []).map { file in
      guard let path = file["path"]?.stringValue, paths.insert(path).inserted,
        path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({
          !$0.isEmpty && $0 != ".." && $0 != "."
        }),
        let byteCount = file["bytes"]?.intValue, (0...room).contains(byteCount),
        let sha256 = file["sha256"]?.stringValue, sha256.utf8.count == 64
      else { throw damaged("lists a file that cannot be read") }
      room -= byteCount
      return FileEntry(path: path, byteCount: byteCount, sha256: sha256)
    }
  }
}

extension RootMetadata {
  init(
    layout: ImageLayout, splits: [SplitDescription], files: [FileEntry], dataset: JSONValue,
    documents: [String: JSONValue]
  ) {
    self.layout = layout
    self.splits = splits
    self.files = files
    self.dataset = dataset
    self.documents = documents
  }
}
