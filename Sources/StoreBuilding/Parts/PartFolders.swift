import Experiment
import Files
import Glibc
import Store

/// The segments of all parts of a build, `OUTPUT.parts/3-of-16/` and so on.
struct PartFolders {
  let options: BuildOptions
  /// In the order of their numbers.
  let segments: [SegmentScan]
  let isOfArchives: Bool
  /// What each part was made with and from.
  private let origins: [JSONValue]

  /// Opens every part, and checks that it is finished and whole.
  ///
  /// - Throws: `MissingParts`; `BuildError`; `FileError` for one that is damaged.
  init(_ options: BuildOptions) throws {
    self.options = options
    let folder = options.partsFolder
    let parts = try Self.list(folder)
    guard let count = parts.first?.count else {
      let merged =
        exists("\(options.output)/\(StoreFormat.rootMetadataFile)")
        ? ", but a store at \(options.output), perhaps of these parts; if not," : ";"
      throw BuildError(
        .input,
        "there are no parts in \(folder)\(merged) build them first, as in utk-prep build SOURCE "
          + "--part 0/8 --output \(options.output)")
    }
    if let other = parts.first(where: { $0.count != count }) {
      throw BuildError(
        .input,
        "\(folder) holds parts of \(count) and of \(other.count); remove those that are not meant")
    }
    let missing = (0..<count).filter { number in
      !exists(
        "\(options.folder(of: PartNumber(number, of: count)))/\(SegmentIdentity.manifestFile)")
    }
    guard missing.isEmpty else {
      throw MissingParts(numbers: missing, count: count, folder: folder)
    }
    try raiseOpenFileLimit()
    var segments: [SegmentScan] = []
    var origins: [JSONValue] = []
    for number in 0..<count {
      let place = options.folder(of: PartNumber(number, of: count))
      let (scan, origin) = try SegmentManifest.check(folder: place)
      guard scan.identity.part == number, scan.identity.partCount == count else {
        throw FileError(
          place,
          "holds part \(scan.identity.part) of \(scan.identity.partCount); build this part again")
      }
      segments.append(scan)
      origins.append(origin)
    }
    self.segments = segments
    self.origins = origins
    isOfArchives = origins[0]["settings"]?["archives"] == true
  }

  private static func list(_ folder: String) throws -> [PartNumber] {
    guard isFolder(folder) else { return [] }
    return try namesAsBytes(in: folder).compactMap {
      PartNumber(folder: String(decoding: $0, as: UTF8.self))
    }.sorted { ($0.count, $0.number) < ($1.count, $1.number) }
  }

  /// Checks that all parts were made with the settings of this merge.
  ///
  /// - Throws: `BuildError` naming the first that differs.
  func checkSettings(_ settings: [String: JSONValue]) throws {
    for (number, origin) in origins.enumerated() {
      // The labels last: --strict decides on them, too, and says more.
      func isHash(_ key: String) -> Bool { key.hasSuffix("sha256") }
      let sorted = settings.sorted { !isHash($0.key) && (isHash($1.key) || $0.key < $1.key) }
      for (key, expected) in sorted {
        let found = origin["settings"]?[key]
        guard found != expected else { continue }
        func text(_ value: JSONValue?) -> String {
          value.flatMap { try? $0.encoded() }.map { String(decoding: $0, as: UTF8.self) } ?? "none"
        }
        let difference =
          isHash(key)
          ? "other labels or columns, which --labels, --labels-from, --fix-labels and --group-by decide"
          : "\(key) \(text(found)) instead of \(text(expected))"
        throw BuildError(
          .input,
          "\(segments[number].folder) was built with \(difference); give this merge the settings of "
            + "the parts, or build part \(number) again with these")
      }
    }
  }

  /// Checks that all parts were of one source, and are all of it.
  ///
  /// - Throws: `BuildError`.
  func checkSource(_ records: RecordTable) throws {
    var census = SourceCensus()
    try records.forEachRecord { _, record in
      census.add(record.path.withMemoryRebound(to: UInt8.self, SourceCensus.hash))
    }
    guard let other = origins.firstIndex(where: { $0["source"] != census.json }) else { return }
    let found = origins[other]["source"]?["photographs"]?.intValue ?? 0
    throw BuildError(
      .input,
      "\(segments[other].folder) was built when the source held \(found) photographs, and all parts "
        + "together hold \(census.photographs), not all of them the same: the source changed, or is "
        + "not the same on every machine; build all parts again, --array=0-\(segments.count - 1), "
        + "which decodes new images only")
  }

  /// Removes what is merged: shards that were written beforehand, and the parts.
  ///
  /// - Throws: `FileError` where another process builds one again.
  func remove(keepingSegments keepsSegments: Bool) throws {
    try WrittenShards.remove(from: options.partsFolder)
    guard !keepsSegments else { return }
    for segment in segments {
      do {
        let claim = try OutputFolder(claiming: segment.folder, isOwn: SegmentIdentity.isOwn)
        try claim.removeOwnFiles()
      }
      rmdir(segment.folder)
    }
    rmdir(options.partsFolder)
  }
}
