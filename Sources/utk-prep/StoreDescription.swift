import Experiment
import Store
import Terminal

/// What a store is, as text and as JSON.
struct StoreDescription {
  private let store: StoreReader
  /// By column, the missing labels of all splits.
  private let missing: [Int]
  /// Of every array, the files and bytes of all splits; the largest first.
  private let arrays: [(name: String, files: Int, bytes: Int)]

  /// - Throws: `StoreError` where a column is damaged.
  init(_ store: StoreReader) throws {
    self.store = store
    missing = try store.schema.columns.map { column in
      try store.splits.reduce(0) { sum, split in
        let values = try split.column(column.name)
        return sum
          + (0..<split.sampleCount).count { sample in
            (0..<column.width).contains { values.value(sample, component: $0) == nil }
          }
      }
    }
    var sums: [String: (files: Int, bytes: Int)] = [:]
    for file in store.files {
      let name = Self.array(of: file.path)
      sums[name, default: (0, 0)].files += 1
      sums[name, default: (0, 0)].bytes += file.byteCount
    }
    let listed = store.files.reduce(0) { $0 + $1.byteCount }
    sums[Self.metadata, default: (0, 0)].files += 1
    sums[Self.metadata, default: (0, 0)].bytes += store.storeByteCount - listed
    arrays = sums.map { ($0, $1.files, $1.bytes) }.sorted {
      (-$0.bytes, $0.name) < (-$1.bytes, $1.name)
    }
  }

  private static let metadata = "metadata"

  /// The array that a file of a store is of, such as `measures/width` for `train/measures/width/c/0`.
  private static func array(of path: String) -> String {
    let parts = path.split(separator: "/")
    guard let end = parts.firstIndex(of: "c"), parts.last != StoreFormat.rootMetadataFile[...]
    else {
      return metadata
    }
    return parts[1..<end].joined(separator: "/")
  }

  private var sampleCount: Int { store.splits.reduce(0) { $0 + $1.sampleCount } }

  func lines() -> [String] {
    let layout = store.layout
    var lines = [
      "\(visible(store.path)): a store of format version \(store.schema.version), "
        + "\(byteText(store.storeByteCount)) in \(grouped(store.files.count + 1)) files"
    ]
    func add(_ label: String, _ text: String) { lines += labeledLines(label, text) }
    add(
      "pixels",
      "3 × \(layout.size) × \(layout.size), \(layout.codec.rawValue) codec, "
        + "\(grouped(layout.samplesPerShard)) images a shard")
    for split in store.splits { add(split.name, "\(grouped(split.sampleCount)) images") }
    if let source = store.dataset["source"] {
      func number(_ key: String) -> String { grouped(source[key]?.intValue ?? 0) }
      add(
        "source",
        "\(number("files")) images, \(number("accepted")) of them accepted, "
          + byteText(source["bytes"]?.intValue ?? 0))
      if let text = source["fingerprint"]?.stringValue {
        add("", "fingerprint \(text.prefix(16))…")
      }
    }
    if case .object(let recipe)? = store.dataset["pipeline"] {
      let parts = recipe.sorted { $0.key < $1.key }.map { "\($0) \(Self.text($1))" }
      add("recipe", parts.joined(separator: ", "))
    }
    if let mean = store.channelStatistics {
      func texts(_ values: [Double]) -> String {
        values.map { fixed($0, 4) }.joined(separator: " ")
      }
      add("channels", "mean \(texts(mean.mean)), deviation \(texts(mean.deviation))")
    }
    add("identity", "metadata \(store.identity.metadataSHA256)")
    if let content = store.identity.contentSHA256 { add("", "content \(content)") }
    lines += [""] + columnTable.lines() + [""] + arrayTable.lines()
    return lines
  }

  private static func text(_ value: JSONValue) -> String {
    if let text = value.stringValue { return text.utf8.count == 64 ? "\(text.prefix(16))…" : text }
    return (try? value.encoded()).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private var columnTable: TextTable {
    var table = TextTable(
      header: ["column", "role", "kind", "type", "missing", "values"],
      alignment: [.left, .left, .left, .left, .right, .left])
    for (column, missing) in zip(store.schema.columns, missing) {
      let names = column.classNames
      var values = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", …" : "")
      if !names.isEmpty { values = "\(names.count): \(values)" }
      switch (column.minimum, column.maximum) {
      case (let least?, let largest?): values = "\(Self.plain(least)) to \(Self.plain(largest))"
      case (let least?, nil): values = "\(Self.plain(least)) or more"
      case (nil, let largest?): values = "\(Self.plain(largest)) or less"
      case (nil, nil): break
      }
      if let unit = column.unit { values += (values.isEmpty ? "" : " ") + unit }
      table.append([
        column.name, column.role.rawValue, column.kind.rawValue, column.element.rawValue,
        grouped(missing), values,
      ])
    }
    return table
  }

  private static func plain(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private var arrayTable: TextTable {
    var table = TextTable(
      header: ["array", "files", "size", "bytes/image"], alignment: [.left, .right, .right, .right])
    for array in arrays {
      table.append([
        array.name, grouped(array.files), byteText(array.bytes),
        fixed(Double(array.bytes) / Double(max(1, sampleCount)), 1),
      ])
    }
    return table
  }

  var json: JSONValue {
    let layout = store.layout
    return [
      "store": .string(store.path), "format_version": .integer(store.schema.version),
      "bytes": .integer(store.storeByteCount), "files": .integer(store.files.count + 1),
      "layout": [
        "size": .integer(layout.size), "samples_per_shard": .integer(layout.samplesPerShard),
        "codec": .string(layout.codec.rawValue),
      ],
      "splits": .array(
        store.splits.map { ["name": .string($0.name), "samples": .integer($0.sampleCount)] }),
      "columns": .array(
        zip(store.schema.columns, missing).map { column, count in
          // What stands for a missing value is the store's affair; how many there are is not.
          guard case .object(var members) = column.json else { return column.json }
          members["missing"] = .integer(count)
          return .object(members)
        }),
      "arrays": .object(
        Dictionary(
          arrays.map { ($0.name, ["files": .integer($0.files), "bytes": .integer($0.bytes)]) },
          uniquingKeysWith: { first, _ in first })),
      "identity": store.identity.json, "dataset": store.dataset,
    ]
  }
}
