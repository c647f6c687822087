import Experiment
import Foundation
import Loader
import Store
import Tensors
import Testing

@Suite struct ShardSourceTests {
  private static let sampleCount = 22

  /// Writes a store of made-up images in shards of eight, and removes it afterward.
  private func withStore(
    _ codec: PixelCodec, _ body: (String, MemorySource) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let layout = try ImageLayout(size: 9, samplesPerShard: 8, codec: codec)
    let source = MemorySource(Self.sampleCount, ImageShape(channels: 3, height: 9, width: 9))
    let writer = StoreWriter(
      folder: folder,
      schema: StoreSchema(
        layout: layout,
        columns: [
          try Column("age", .label, .number, .uint8), try Column("race", .label, .number, .uint8),
        ]))
    let encoder = SampleEncoder(layout: layout)
    let reader = source.makeReader()
    var files: [FileEntry] = []
    for shard in 0..<layout.shardCount(samples: Self.sampleCount) {
      let shardWriter = try writer.shardWriter(split: "train", shard: shard)
      for sample in shard * 8..<min(shard * 8 + 8, Self.sampleCount) {
        try shardWriter.append(encoder.encode(reader.pixels(ofSample: sample)))
      }
      var entry = try shardWriter.finish()
      entry.path = StoreWriter.shardPath(split: "train", shard: shard)
      files.append(entry)
    }
    for column in ["age", "race"] {
      let labels = try source.labels(column: column)
      files += try writer.writeColumn(
        split: "train", name: column, count: labels.count, values: { labels[$0].map { UInt8($0) } })
    }
    files += try writer.writeNames(
      split: "train", count: Self.sampleCount, names: { $0.map { Array("\($0).jpg".utf8) } })
    try writer.finish(
      splits: [
        SplitDescription(name: "train", sampleCount: Self.sampleCount)
      ], files: files, dataset: .null)
    try body(folder, source)
  }

  private func options(_ count: Int, threads: Int = 2) throws -> LoaderOptions {
    LoaderOptions(
      order: try SampleOrder(sampleCount: count, batchSize: 4, shuffle: .global(seed: 6)),
      layout: .paddedRows(
        batchSize: 4, shape: ImageShape(channels: 3, height: 9, width: 9), padding: 3),
      normalization: try PixelScaling(.imagenet), labelColumns: ["age", "race"],
      threadCount: threads)
  }

  @Test(arguments: PixelCodec.allCases)
  func aStoreGivesTheBatchesOfItsPixels(codec: PixelCodec) throws {
    try withStore(codec) { folder, memory in
      let source = ShardSource(try StoreReader(path: folder).split("train"))
      #expect(source.sampleCount == Self.sampleCount && source.imageShape == memory.imageShape)
      let options = try options(source.sampleCount)
      #expect(
        try collect(source, options, steps: 0..<12) == collect(memory, options, steps: 0..<12))
    }
  }

  @Test(arguments: PixelCodec.allCases)
  func aDamagedShardIsNamedWithItsSample(codec: PixelCodec) throws {
    try withStore(codec) { folder, _ in
      // The chunks of shard 1 stand in sample order, so its first byte belongs to sample 8.
      let path = "\(folder)/train/image/c/1/0/0/0"
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes[20] ^= 4
      try bytes.write(to: URL(filePath: path))
      let source = ShardSource(try StoreReader(path: folder).split("train"))
      let options = try options(source.sampleCount)
      let error = #expect(throws: LoaderError.self) {
        try collect(source, options, steps: 0..<6)
      }
      #expect(error?.sample == 8 && error?.location == "train/image/c/1/0/0/0")
      let text = error?.description ?? ""
      #expect(text.contains("cannot load sample 8") && text.contains("CRC-32C"))
      #expect(text.components(separatedBy: "train/image/c/1/0/0/0").count == 2, "named once")
    }
  }

  @Test func aMissingColumnIsNamed() throws {
    try withStore(.portable) { folder, _ in
      let source = ShardSource(try StoreReader(path: folder).split("train"))
      var options = try options(source.sampleCount)
      options.labelColumns = ["height"]
      let error = #expect(throws: StoreError.self) {
        try BatchStream(source, options: options, steps: 0..<1)
      }
      #expect(error?.description.contains("has no column \"height\"") == true)
    }
  }

  @Test func paddedRowsAreTheInputOfTheNetwork() {
    let input = InputLayout(batchCapacity: 5, height: 7, width: 11)
    let layout = BatchLayout.paddedRows(
      batchSize: 5, shape: ImageShape(channels: 3, height: 7, width: 11),
      padding: InputLayout.padding)
    #expect(layout.elementCount == input.floatCount)
    for sample in 0..<5 {
      for row in 0..<7 {
        #expect(
          layout.element(sample: sample, channel: 2, row: row, column: 10)
            == input.rowOffset(sample: sample, row: row) + 32)
      }
    }
  }
}
