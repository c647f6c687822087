import Checksums
import Experiment

/// The root group's document: Zarr's consolidated metadata, and ours under two attributes:
/// `hydranet` (format version, layout, splits, the list of files with sizes and hashes, and a
/// digest of this very file) and `dataset` (what the builder says of the data).
package struct RootMetadata {
  let schema: StoreSchema
  let splits: [SplitDescription]
  let files: [FileEntry]
  let dataset: JSONValue
  let documents: [String: JSONValue]
  /// Its `metadataSHA256` is known once the document is written.
  let identity: StoreIdentity
  /// Of the document that was read; 0 of one that is made.
  var byteCount = 0

  /// The file's bytes. The digest is SHA-256 of these bytes with its own 64 digits as zeros: every
  /// other file's hash is in this one, so that one number vouches for all.
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
    let layout = schema.layout
    let ours: JSONValue = [
      "format_version": .integer(StoreFormat.version),
      "requires": [],
      "metadata_sha256": .string(digest),
      "content_sha256": identity.contentSHA256.map { .string($0) } ?? .null,
      "layout": [
        "size": .integer(layout.size), "samples_per_shard": .integer(layout.samplesPerShard),
        "codec": .string(layout.codec.rawValue), "name_bytes": .integer(schema.nameByteCount),
      ],
      "columns": .array(schema.columns.map(\.json)),
      "splits": .array(
        splits.map { split in
          [
            "name": .string(split.name), "samples": .integer(split.sampleCount),
            "members_sha256": identity.membersSHA256[split.name].map { .string($0) } ?? .null,
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

  /// Where the digest's 64 digits are: behind the only key of that name in the document.
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
  package init(bytes: UnsafeRawBufferPointer, file: String) throws {
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
    guard let version = ours["format_version"]?.intValue,
      StoreFormat.readableVersions.contains(version)
    else {
      let got = ours["format_version"]?.intValue.map(String.init) ?? "none"
      throw StoreError(
        .otherVersion, file: file,
        "has format version \(got), expected \(StoreFormat.readableVersions.lowerBound) to "
          + "\(StoreFormat.readableVersions.upperBound); build the store again with this utk-prep")
    }
    if let problem = Self.digestProblem(of: bytes) { throw damaged(problem) }
    let features = ours["requires"]?.arrayValue?.compactMap(\.stringValue) ?? []
    if let feature = features.first(where: { !StoreFormat.knownFeatures.contains($0) }) {
      throw StoreError(
        .otherVersion, file: file,
        "requires the feature \"\(feature.prefix(40))\", which this program does not know; use a "
          + "newer one")
    }
    guard let size = ours["layout"]?["size"]?.intValue,
      let perShard = ours["layout"]?["samples_per_shard"]?.intValue,
      let codec = ours["layout"]?["codec"]?.stringValue.flatMap(PixelCodec.init(rawValue:))
    else { throw damaged("names no layout") }
    do {
      let layout = try ImageLayout(size: size, samplesPerShard: perShard, codec: codec)
      schema = try Self.schema(version: version, layout: layout, ours, json)
    } catch let error as StoreError {
      throw damaged("its layout is impossible: \(error)")
    } catch let error as ColumnError {
      throw damaged("its \(error)")
    }
    splits = try Self.splits(ours["splits"], damaged)
    files = try Self.files(ours["files"], damaged)
    dataset = json["attributes"]?["dataset"] ?? [:]
    documents = ZarrMetadata.documents(splits: splits, schema: schema)
    // Other arrays and groups are somebody else's, or of a later version.
    let described = json["consolidated_metadata"]?["metadata"]
    guard documents.allSatisfy({ described?[$0] == $1 }) else {
      throw damaged("does not describe the arrays that its layout asks for")
    }
    var members: [String: String] = [:]
    for split in ours["splits"]?.arrayValue ?? [] {
      if let name = split["name"]?.stringValue {
        members[name] = split["members_sha256"]?.stringValue
      }
    }
    byteCount = bytes.count
    identity = StoreIdentity(
      metadataSHA256: ours["metadata_sha256"]?.stringValue ?? "",
      contentSHA256: ours["content_sha256"]?.stringValue, membersSHA256: members)
  }

  /// - Throws: `ColumnError` for a column that cannot be, `StoreError` for anything else.
  private static func schema(
    version: Int, layout: ImageLayout, _ ours: JSONValue, _ root: JSONValue
  ) throws -> StoreSchema {
    guard version > 1 else {
      let splits = ours["splits"]?.arrayValue ?? []
      let names = splits.first?["columns"]?.arrayValue?.compactMap(\.stringValue) ?? []
      guard splits.allSatisfy({ $0["columns"]?.arrayValue?.compactMap(\.stringValue) == names })
      else { throw StoreError(.damaged, file: "columns", "its splits have different columns") }
      let classes = root["attributes"]?["dataset"]?["classes"]
      return StoreSchema(
        version: 1, layout: layout, columns: try names.map { try Column(version1: $0, classes) },
        nameByteCount: StoreFormat.nameByteStep, hasSources: false, hasMeasures: false)
    }
    let columns = try (ours["columns"]?.arrayValue ?? []).map { try Column(json: $0) }
    guard Set(columns.map(\.name)).count == columns.count else {
      throw StoreError(.damaged, file: "columns", "two have the same name")
    }
    guard let width = ours["layout"]?["name_bytes"]?.intValue,
      StoreFormat.nameByteRange.contains(width), width % StoreFormat.nameByteStep == 0
    else { throw StoreError(.damaged, file: "name_bytes", "is not a multiple of 64 up to 4096") }
    let described = root["consolidated_metadata"]?["metadata"]
    let first = ours["splits"]?.arrayValue?.first?["name"]?.stringValue ?? ""
    return StoreSchema(
      version: version, layout: layout, columns: columns, nameByteCount: width,
      hasSources: described?["\(first)/\(StoreFormat.sourceArray)"] != nil,
      hasMeasures: described?["\(first)/\(StoreMeasure.perceptualHash.path)"] != nil)
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
        let count = split["samples"]?.intValue, count >= 0, count <= 1 << 40
      else { throw damaged("describes a split that cannot be read") }
      return SplitDescription(name: name, sampleCount: count)
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
      guard let entry = FileEntry(file), paths.insert(entry.path).inserted, entry.byteCount <= room
      else { throw damaged("lists a file that cannot be read") }
      room -= entry.byteCount
      return entry
    }
  }
}

extension RootMetadata {
  init(
    schema: StoreSchema, splits: [SplitDescription], files: [FileEntry], dataset: JSONValue,
    documents: [String: JSONValue], identity: StoreIdentity
  ) {
    self.schema = schema
    self.splits = splits
    self.files = files
    self.dataset = dataset
    self.documents = documents
    self.identity = identity
  }
}
