import Checksums
import Experiment
import Files
import Foundation
import Store
import Testing

@Suite struct ColumnStoreTests {
  /// A store with a column of every type, each with a missing value at sample 1.
  @discardableResult
  private func write(
    to folder: String, codec: PixelCodec = .predictive, perShard: Int = 4, count: Int = 6,
    shift: Int = 0, sources: Bool = true, names: String = "face", split: String = "train"
  ) throws -> [Column] {
    var columns: [Column] = []
    for element in ColumnElement.allCases {
      columns.append(try Column("a_\(element)", .label, .number, element, unit: "m", minimum: -1e9))
    }
    columns.append(try Column("pair", .teacher, .number, .float32, width: 2))
    columns.append(try Column("kind", .label, .class, .uint16, classNames: ["x", "ü"]))
    let layout = try ImageLayout(size: 8, samplesPerShard: perShard, codec: codec)
    let writer = StoreWriter(
      folder: folder,
      schema: StoreSchema(layout: layout, columns: columns, longestName: 70, hasSources: sources))
    let encoder = SampleEncoder(layout: layout)
    var files: [FileEntry] = []
    for shard in 0..<layout.shardCount(samples: count) {
      let file = try writer.shardWriter(split: split, shard: shard)
      for sample in shard * perShard..<min(count, (shard + 1) * perShard) {
        try file.append(encoder.encode(testImage(size: 8, seed: UInt64(sample))))
      }
      var entry = try file.finish()
      entry.path = StoreWriter.shardPath(split: split, shard: shard)
      files.append(entry)
    }
    for column in columns {
      files += try writer.writeColumn(split: split, name: column.name, count: count) { range in
        var rows: [UInt8] = []
        for sample in range {
          let row = bytes(column, sample == 1 ? nil : (sample + shift) % 2)
          for _ in 0..<column.width { rows += row }
        }
        return rows
      }
    }
    files += try writer.writeNames(split: split, count: count) {
      $0.map { Array((String(repeating: names, count: 16) + " \($0)").utf8) }
    }
    if sources {
      files += try writer.writeSources(split: split, count: count) {
        $0.map { sample in
          [UInt8](repeating: UInt8(200 - sample), count: 32).withUnsafeBytes(SourceHash.init)
        }
      }
    }
    try writer.finish(
      splits: [SplitDescription(name: split, sampleCount: count)], files: files, dataset: [:])
    return columns
  }

  private func bytes(_ column: Column, _ value: Int?) -> [UInt8] {
    func little<T>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value, Array.init) }
    return switch column.element {
    case .uint8: little(value.map { UInt8($0) } ?? .max)
    case .uint16: little(value.map { UInt16($0) } ?? .max)
    case .uint32: little(value.map { UInt32($0) } ?? .max)
    case .uint64: little(value.map { UInt64($0) } ?? .max)
    case .int32: little(value.map { Int32($0) } ?? .min)
    case .float32: little(value.map { Float($0) } ?? .nan)
    }
  }

  @Test func columnsOfEveryTypeComeBack() throws {
    try withTemporaryFolder { folder in
      let columns = try write(to: folder)
      let store = try StoreReader(path: folder)
      #expect(store.schema.columns == columns)
      #expect(store.schema.nameByteCount == 128)
      let split = try store.split("train")
      for column in columns {
        let values = try split.column(column.name)
        #expect(values.value(1) == nil)
        #expect(values.value(5, component: column.width - 1)?.number == 1)
        let floats = values.floats
        #expect(floats.count == 6 * column.width && floats[column.width].isNaN)
        #expect(floats[0] == 0 && floats.last == 1)
      }
      #expect(try split.names()[5] == String(repeating: "face", count: 16) + " 5")
      #expect(try split.sources()[3].bytes == [UInt8](repeating: 197, count: 32))
      #expect(try StoreVerifier.verify(path: folder).problems.isEmpty)
    }
  }

  @Test func contentIsTheSameInEveryCodecAndDiffersWithALabel() throws {
    try withTemporaryFolder { folder in
      try write(to: folder + "/a")
      try write(to: folder + "/b", codec: .portable, perShard: 2)
      try write(to: folder + "/c", shift: 1)
      try write(to: folder + "/d", sources: false)
      try write(to: folder + "/e", sources: false, names: "mask")
      let ids = try ["a", "b", "c", "d", "e"].map {
        try StoreReader(path: "\(folder)/\($0)").identity
      }
      #expect(ids[0].hasSameContent(as: ids[1]))
      #expect(ids[0].metadataSHA256 != ids[1].metadataSHA256)
      #expect(!ids[0].hasSameContent(as: ids[2]))
      #expect(ids[0].hasSameMembers(as: ids[2], split: "train") == true)
      #expect(ids[0].hasSameMembers(as: ids[3], split: "train") == false)
      #expect(ids[3].hasSameMembers(as: ids[4], split: "train") == false)
    }
  }

  /// Changes the root document and gives it the digest that it then has.
  private func edit(_ folder: String, _ old: String, _ new: String) throws {
    let url = URL(fileURLWithPath: folder + "/zarr.json")
    var text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.contains(old))
    text = text.replacingOccurrences(of: old, with: new)
    let key = try #require(text.range(of: "\"metadata_sha256\" : \""))
    let end = text.index(key.upperBound, offsetBy: 64)
    text.replaceSubrange(key.upperBound..<end, with: String(repeating: "0", count: 64))
    let digest = Array(text.utf8).withUnsafeBytes { SHA256Digest.hex(of: $0) }
    text.replaceSubrange(key.upperBound..<end, with: digest)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  @Test(arguments: [
    ("\"requires\" : [", "\"new_field\" : 3,\n\"requires\" : [", nil as String?),
    ("\"unit\" : \"m\"", "\"unit\" : \"m\", \"shape\" : [1]", nil),
    ("\"requires\" : [\n", "\"requires\" : [ \"time_travel\"\n", "requires the feature"),
    ("\"role\" : \"teacher\"", "\"role\" : \"guru\"", "unknown role"),
    ("\"name\" : \"pair\"", "\"name\" : \"kind\"", "same name"),
    ("\"type\" : \"uint16\"", "\"type\" : \"float128\"", "unknown type"),
    ("\"name_bytes\" : 128", "\"name_bytes\" : 100", "multiple of 64"),
    ("\"name_bytes\" : 128", "\"name_bytes\" : 64", "does not describe"),
    ("\"missing\" : -2147483648", "\"missing\" : 2147483648", "missing value"),
  ])
  func metadataOfOthersIsReadOrRefused(old: String, new: String, says: String?) throws {
    try withTemporaryFolder { folder in
      try write(to: folder)
      try edit(folder, old, new)
      if let says {
        let error = #expect(throws: StoreError.self) { try StoreReader(path: folder) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
      } else {
        #expect(try StoreReader(path: folder).split("train").sampleCount == 6)
      }
    }
  }

  @Test func swappedColumnFilesAreNoticedWhenTheyAreRead() throws {
    try withTemporaryFolder { folder in
      try write(to: folder + "/a")
      try write(to: folder + "/b", shift: 1)
      let path = "train/a_uint8/c/0"
      let other = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/b/\(path)"))
      let url = URL(fileURLWithPath: "\(folder)/a/\(path)")
      guard try Data(contentsOf: url).count == other.count else { return }
      try other.write(to: url)
      let split = try StoreReader(path: folder + "/a").split("train")
      let error = #expect(throws: StoreError.self) { try split.column("a_uint8") }
      #expect(error?.kind == .damaged && error?.file == path)
      _ = try split.column("kind")
    }
  }

  @Test func anOpenStoreStaysTheOneThatWasOpened() throws {
    try withTemporaryFolder { folder in
      try write(to: folder + "/a")
      try write(to: folder + "/b", count: 5, shift: 1)
      let split = try StoreReader(path: folder + "/a").split("train")
      let labels = try split.column("kind").bytes
      try renamePath(folder + "/a", to: folder + "/old")
      try renamePath(folder + "/b", to: folder + "/a")
      try FileManager.default.removeItem(atPath: folder + "/old")
      #expect(try split.column("kind").bytes == labels)
      #expect(try split.names().count == 6)
      #expect(try StoreReader(path: folder + "/a").split("train").sampleCount == 5)
    }
  }
}
