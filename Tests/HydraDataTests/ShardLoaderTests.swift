import Experiment
import HydraData
import Loader
import Store
import Testing

@Suite struct ShardLoaderTests {
  /// A batch copied out of its loader.
  private struct Copy: Equatable {
    let epoch: Int
    let position: Int
    let indexes: [Int]
    let images: [Float]
    let labels: [Double?]

    init(_ batch: ShardBatch, labels: String? = "age") throws {
      (epoch, position, indexes) = (batch.epoch, batch.position, batch.indexes)
      images = batch.withImages { images in images.withUnsafeBufferPointer { Array($0) } }
      self.labels = try labels.map { try batch.labels($0) } ?? []
    }
  }

  private func collect(_ loader: ShardLoader, _ count: Int) throws -> [Copy] {
    try (0..<count).map { _ in try Copy(loader.next()) }
  }

  /// Two and a half epochs of the internal stream, as the trainer would have them in this layout.
  @Test(
    arguments: [true, false],
    [
      ShardLoader.Normalization.imagenet, .dataset,
      .values(mean: [0, 0.1, 1], deviation: [1, 2, 3]),
    ]
  )
  func batchesAreThoseOfTheTrainersLoader(
    shuffle: Bool, normalization: ShardLoader.Normalization
  ) throws {
    let dataset: JSONValue = [
      "channel_mean": .array([0.25, 0.5, 0.75].map { .number($0) }),
      "channel_std": .array([0.5, 0.25, 0.125].map { .number($0) }),
    ]
    try withStore(dataset: dataset) { folder in
      let loader = try ShardLoader(
        ShardStore(path: folder).split("train"), batchSize: 4, shuffle: shuffle, seed: 7,
        flip: true, cropPadding: 2, normalization: normalization, threads: 2)
      #expect(loader.batchesPerEpoch == 6 && loader.epoch == 0 && loader.position == 0)

      let source = ShardSource(try StoreReader(path: folder).split("train"))
      let statistics =
        switch normalization {
        case .values(let mean, let deviation): ChannelStatistics(mean: mean, deviation: deviation)
        case .dataset:
          ChannelStatistics(mean: [0.25, 0.5, 0.75], deviation: [0.5, 0.25, 0.125])
        default: ChannelStatistics.imagenet
        }
      let options = LoaderOptions(
        order: try SampleOrder(
          sampleCount: sampleCount, batchSize: 4, shuffle: shuffle ? .global(seed: 7) : .none),
        layout: .nchw(batchSize: 4, shape: source.imageShape),
        normalization: try PixelScaling(statistics),
        augmentation: try Augmentation(horizontalFlip: true, cropPadding: 2, seed: 7),
        labelColumns: ["age"], threadCount: 1)
      let stream = try BatchStream(source, options: options, steps: 0..<15)
      while let batch = try stream.next() {
        let copy = try Copy(loader.next())
        #expect(copy.epoch == batch.epoch && copy.position == batch.step % 6)
        #expect(copy.indexes == Array(batch.samples))
        #expect(copy.images == Array(batch.pixels.prefix(batch.count * 3 * 9 * 9)))
        #expect(
          copy.labels == Array(batch.labels(column: 0)).map { $0.isNaN ? nil : Double($0) })
      }
      #expect(loader.epoch == 2 && loader.position == 3)
    }
  }

  @Test func valuesAreThoseOfThePixels() throws {
    try withStore { folder in
      let loader = try ShardLoader(
        ShardStore(path: folder).split("train"), batchSize: 22, shuffle: false,
        normalization: .unit, columns: ["pair", "kind"])
      let batch = try loader.next()
      let pixels = (0..<sampleCount).flatMap(image)
      let images = try Copy(batch, labels: nil).images
      #expect(images.count == pixels.count)
      #expect(zip(images, pixels).allSatisfy { abs($0 - Float($1) / 255) < 1e-6 })
      #expect(try batch.labels("pair") == loader.split.labels("pair"))
      #expect(try batch.labels("kind")[5...7] == [1, nil, 1])
      let error = #expect(throws: ShardError.self) { try batch.labels("age") }
      #expect(error?.description.contains("no column \"age\", only pair, kind") == true)
    }
  }

  @Test func aRunGoesOnFromTwoIntegers() throws {
    try withStore { folder in
      let split = try ShardStore(path: folder).split("train")
      func loader(epoch: Int = 0, position: Int = 0) throws -> ShardLoader {
        try ShardLoader(
          split, batchSize: 5, seed: 3, epoch: epoch, position: position, flip: true)
      }
      let whole = try collect(loader(), 14)
      let first = try loader()
      #expect(try collect(first, 7) == Array(whole[..<7]))
      #expect(first.epoch == 1 && first.position == 2)
      let second = try loader(epoch: first.epoch, position: first.position)
      #expect(try collect(second, 7) == Array(whole[7...]))
      // Back, in the same loader, and on where the last loop was left.
      try second.seek(epoch: 1, position: 1)
      for result in second {
        #expect(try Copy(result.get()) == whole[6])
        break
      }
      #expect(try second.map { try Copy($0.get()) } == Array(whole[7..<10]))
      #expect(second.epoch == 2 && second.position == 0)
    }
  }

  @Test func processesShareTheLargeBatch() throws {
    try withStore { folder in
      let split = try ShardStore(path: folder).split("train")
      let whole = try ShardLoader(split, batchSize: 6, seed: 9, dropLast: true)
      let parts = try (0..<2).map {
        try ShardLoader(split, batchSize: 3, seed: 9, dropLast: true, rank: $0, worldSize: 2)
      }
      #expect(whole.batchesPerEpoch == 3 && parts.allSatisfy { $0.batchesPerEpoch == 3 })
      for _ in 0..<4 {
        let (a, b) = (try parts[0].next().indexes, try parts[1].next().indexes)
        #expect(try whole.next().indexes == zip(a, b).flatMap { [$0, $1] })
      }
    }
  }

  /// More than the loader has memory for, and longer than it lives.
  @Test func heldBatchesStayAsTheyAre() throws {
    try withStore { folder in
      let split = try ShardStore(path: folder).split("train")
      var loader: ShardLoader? = try ShardLoader(split, batchSize: 4, seed: 1, threads: 1)
      let held = try (0..<30).map { _ in try #require(try loader?.next()) }
      loader = nil
      let again = try ShardLoader(split, batchSize: 4, seed: 1, threads: 2, cacheByteCount: 0)
      for batch in held { #expect(try Copy(batch) == Copy(again.next())) }
    }
  }

  @Test func whatIsNotPossibleIsSaid() throws {
    try withStore { folder in
      let split = try ShardStore(path: folder).split("train")
      func expect(
        _ words: String, _ body: () throws -> ShardLoader,
        location: SourceLocation = #_sourceLocation
      ) {
        let error = #expect(throws: ShardError.self, sourceLocation: location) {
          _ = try body()
        }
        #expect(error?.kind == .invalidArgument, sourceLocation: location)
        #expect(error?.description.contains(words) == true, sourceLocation: location)
      }
      expect("batch size must be 1 to 1048576, got 0") { try ShardLoader(split, batchSize: 0) }
      expect("larger than the data") { try ShardLoader(split, batchSize: 23, dropLast: true) }
      expect("got rank 2 of 2") { try ShardLoader(split, rank: 2, worldSize: 2) }
      expect("crop padding must be") { try ShardLoader(split, cropPadding: -1) }
      expect("1 to 256 threads, got 0") { try ShardLoader(split, threads: 0) }
      expect("no column \"height\"") { try ShardLoader(split, columns: ["height"]) }
      expect("no batch 22 in epoch 0") { try ShardLoader(split, batchSize: 1, position: 22) }
      expect("no batch 0 in epoch -1") { try ShardLoader(split, epoch: -1) }
      expect("no batch 0 in epoch 9223372036854775807") { try ShardLoader(split, epoch: .max) }
      expect("mean from 0 to 1") { try ShardLoader(split, normalization: .dataset) }
      expect("deviations above") {
        try ShardLoader(split, normalization: .values(mean: [0, 0, 0], deviation: [1, 0, 1]))
      }
      expect("3 channels, but the normalization has 1") {
        try ShardLoader(split, normalization: .values(mean: [0], deviation: [1]))
      }
    }
  }
}
