import Experiment
import Loader
import Testing

@Suite struct BatchStreamTests {
  private static let shape = ImageShape(channels: 3, height: 5, width: 9)

  private func options(
    _ source: MemorySource, batchSize: Int = 4, shuffle: SampleOrder.Shuffle = .global(seed: 1),
    last: SampleOrder.LastBatch = .keep, threads: Int = 2, slots: Int? = nil, padding: Int? = 3,
    augmentation: Augmentation? = nil
  ) throws -> LoaderOptions {
    let layout =
      padding.map {
        BatchLayout.paddedRows(batchSize: batchSize, shape: source.imageShape, padding: $0)
      } ?? .nchw(batchSize: batchSize, shape: source.imageShape)
    return LoaderOptions(
      order: try SampleOrder(
        sampleCount: source.sampleCount, batchSize: batchSize, shuffle: shuffle, lastBatch: last),
      layout: layout, normalization: try normalization(source.imageShape.channels),
      augmentation: augmentation, labelColumns: ["age", "race"], threadCount: threads,
      slotCount: slots)
  }

  private func normalization(_ channels: Int) throws -> PixelScaling {
    try PixelScaling(
      ChannelStatistics(
        mean: (0..<channels).map { 0.3 + 0.1 * Double($0) },
        deviation: (0..<channels).map { 0.2 + 0.05 * Double($0) }))
  }

  /// A batch computed value by value, from the definition.
  private func expected(
    _ source: MemorySource, _ options: LoaderOptions, step: Int
  ) throws -> [Float] {
    let layout = options.layout
    var values = [Float](repeating: 0, count: layout.elementCount)
    let (height, width) = (layout.shape.height, layout.shape.width)
    for (index, sample) in options.order.samples(ofStep: step).enumerated() {
      let epoch = options.order.epoch(ofStep: step)
      let place =
        options.augmentation?.placement(epoch: epoch, sample: sample) ?? .identity
      for channel in 0..<layout.shape.channels {
        for row in 0..<height {
          for column in 0..<width {
            let y = row + place.down
            let x = (place.flip ? width - 1 - column : column) + place.right
            let isBlack =
              place.hole.map {
                $0.rows(of: height).contains(row) && $0.columns(of: width).contains(column)
              } ?? false
            let inside = y >= 0 && y < height && x >= 0 && x < width && !isBlack
            let pixel = inside ? source.pixel(sample, channel, y, x) : 0
            let value =
              (Double(pixel) / 255 - (0.3 + 0.1 * Double(channel))) / (0.2 + 0.05 * Double(channel))
            values[layout.element(sample: index, channel: channel, row: row, column: column)] =
              Float(value)
          }
        }
      }
    }
    return values
  }

  private func isClose(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 2e-6 }
  }

  @Test(arguments: [
    ImageShape(channels: 3, height: 5, width: 9), ImageShape(channels: 3, height: 32, width: 32),
    ImageShape(channels: 3, height: 1, width: 1), ImageShape(channels: 1, height: 4, width: 17),
    ImageShape(channels: 4, height: 3, width: 25), ImageShape(channels: 5, height: 7, width: 3),
  ])
  func everyValueStandsInItsPlace(shape: ImageShape) throws {
    let source = MemorySource(10, shape)
    for padding in [nil, 0, 1, 3] as [Int?] {
      for augmentation in [
        nil, try Augmentation(horizontalFlip: true, cropPadding: 0, seed: 2),
        try Augmentation(horizontalFlip: true, cropPadding: 4, seed: 2),
        try Augmentation(horizontalFlip: false, cropPadding: 30, seed: 2),
        try Augmentation(horizontalFlip: true, cropPadding: 1, cutout: 3, seed: 2),
        try Augmentation(horizontalFlip: false, cropPadding: 0, cutout: 1024, seed: 2),
      ] {
        let options = try options(source, padding: padding, augmentation: augmentation)
        let batches = try collect(source, options, steps: 0..<7)
        #expect(batches.map(\.step) == Array(0..<7))
        for batch in batches {
          #expect(batch.epoch == batch.step / 3)
          #expect(batch.samples == options.order.samples(ofStep: batch.step))
          #expect(
            batch.labels == [
              batch.samples.map { Float($0) }, batch.samples.map { Float($0 * 3) },
            ])
          let wanted = try expected(source, options, step: batch.step)
          #expect(isClose(batch.pixels, wanted), "padding \(String(describing: padding))")
        }
      }
    }
  }

  /// Batches of bytes, in both layouts: what the normalized values come from.
  @Test(arguments: [true, false], [0, 3])
  func bytesStandWhereFloatsWould(interleaved: Bool, cropPadding: Int) throws {
    let source = MemorySource(10, Self.shape)
    var options = try options(
      source, padding: nil,
      augmentation: Augmentation(horizontalFlip: true, cropPadding: cropPadding, seed: 2))
    if interleaved { options.layout = .nhwc(batchSize: 4, shape: Self.shape) }
    let floats = try collect(source, options, steps: 0..<6)
    options.normalization = nil
    let stream = try BatchStream(source, options: options, steps: 0..<6)
    for batch in floats {
      #expect(isClose(batch.pixels, try expected(source, options, step: batch.step)))
      guard let bytes = try stream.next() else {
        Issue.record("the stream ended early")
        return
      }
      let pixels = Array(
        UnsafeRawBufferPointer(
          start: bytes.pixels.baseAddress, count: options.layout.elementCount))
      for sample in 0..<4 {
        for channel in 0..<3 {
          for place in 0..<45 {
            let element = options.layout.element(
              sample: sample, channel: channel, row: place / 9, column: place % 9)
            let (mean, deviation) = (0.3 + 0.1 * Double(channel), 0.2 + 0.05 * Double(channel))
            let value = (Double(batch.pixels[element]) * deviation + mean) * 255
            #expect(Double(pixels[element]) == (sample < bytes.count ? value.rounded() : 0))
          }
        }
      }
    }
  }

  @Test func waitingEndsWithABatchOrInTime() throws {
    let source = MemorySource(53, Self.shape)
    let stream = try BatchStream(source, options: options(source, slots: 2), steps: 0..<3)
    func takeTwo() throws {
      guard let first = try stream.next(), let second = try stream.next() else {
        Issue.record("the stream ended early")
        return
      }
      // With both buffers held nothing can come.
      #expect(!stream.hasRoom)
      #expect(!stream.waitForBatch(upTo: .milliseconds(20)))
      #expect(first.step == 0 && second.step == 1)
    }
    #expect(stream.waitForBatch(upTo: .seconds(60)))
    try takeTwo()
    #expect(stream.hasRoom)
    #expect(stream.waitForBatch(upTo: .seconds(60)))
    let third = try stream.next()?.step
    let isOver = try stream.next() == nil
    #expect(third == 2 && isOver)
    #expect(stream.waitForBatch(upTo: .zero))
  }

  @Test func threadsAndSlotsDoNotMatter() throws {
    let source = MemorySource(53, Self.shape)
    let augmentation = try Augmentation(horizontalFlip: true, cropPadding: 2, seed: 8)
    let reference = try collect(
      source, options(source, threads: 1, slots: 2, augmentation: augmentation), steps: 0..<60)
    for (threads, slots) in [(2, 2), (3, 5), (8, 3), (8, 40)] {
      let other = try collect(
        source, options(source, threads: threads, slots: slots, augmentation: augmentation),
        steps: 0..<60)
      #expect(other == reference)
    }
  }

  @Test(arguments: [0, 1, 5, 13, 14, 15, 31])
  func aRunResumesFromItsStep(step: Int) throws {
    let source = MemorySource(53, Self.shape)
    let options = try options(
      source, augmentation: Augmentation(horizontalFlip: true, cropPadding: 2, seed: 8))
    let whole = try collect(source, options, steps: 0..<32)
    #expect(try collect(source, options, steps: step..<32) == Array(whole[step...]))
  }

  @Test func theLastBatchIsKeptOrDropped() throws {
    let source = MemorySource(10, Self.shape)
    #expect(
      try collect(source, options(source, last: .keep), steps: 0..<6).map(\.samples.count)
        == [4, 4, 2, 4, 4, 2])
    #expect(
      try collect(source, options(source, last: .drop), steps: 0..<6).map(\.samples.count)
        == [4, 4, 4, 4, 4, 4])
  }

  @Test(arguments: [1, 4])
  func anErrorComesOutWithShardAndSample(threads: Int) throws {
    let source = MemorySource(40, Self.shape, failingSample: 17)
    let options = try options(source, threads: threads)
    let failing = try #require((0..<10).first { options.order.samples(ofStep: $0).contains(17) })
    let stream = try BatchStream(source, options: options, steps: 0..<30)
    for step in 0..<failing {
      guard let batch = try stream.next() else {
        Issue.record("the stream ended before the error")
        return
      }
      #expect(batch.step == step)
    }
    let error = #expect(throws: LoaderError.self) { _ = try stream.next() }
    #expect(
      error?.description
        == "cannot load sample 17 for step \(failing): train/image/c/4/0/0/0: checksum mismatch")
    let isOver = try stream.next() == nil
    #expect(isOver)
  }

  @Test func heldBatchesAreNotOverwritten() throws {
    let source = MemorySource(53, Self.shape)
    let options = try options(source, threads: 3, slots: 4)
    let stream = try BatchStream(source, options: options, steps: 0..<100)
    guard let held = try stream.next() else { return }
    let before = BatchCopy(held, columns: 2)
    for _ in 0..<50 { _ = try stream.next() }
    #expect(BatchCopy(held, columns: 2) == before)
  }

  @Test func aBatchOutlivesItsStream() throws {
    let source = MemorySource(53, Self.shape)
    let options = try options(source)
    func first() throws -> Batch? {
      try BatchStream(source, options: options, steps: 0..<100).next()
    }
    guard let batch = try first() else {
      Issue.record("no batch")
      return
    }
    #expect(isClose(Array(batch.pixels), try expected(source, options, step: 0)))
  }

  @Test func aStreamCanBeLeftAtAnyTime() throws {
    let source = MemorySource(200, Self.shape)
    for taken in 0..<20 {
      let stream = try BatchStream(
        source, options: options(source, threads: 1 + taken % 4), steps: 0..<1_000_000)
      for _ in 0..<taken { _ = try stream.next() }
      #expect(stream.statistics.batchCount == taken)
    }
  }

  @Test func anEmptyRangeEndsAtOnce() throws {
    let source = MemorySource(10, Self.shape)
    #expect(try collect(source, options(source), steps: 5..<5).isEmpty)
  }

  @Test(arguments: [0, 100, 135 * 7, 1 << 30])
  func aCacheChangesNothing(budget: Int) throws {
    let source = MemorySource(20, Self.shape)
    let cached = try CachedSource(source, byteBudget: budget)
    #expect(cached.cachedSampleCount == min(20, budget / 135))
    let options = try options(
      source, threads: 3, augmentation: Augmentation(horizontalFlip: true, cropPadding: 1, seed: 3))
    #expect(
      try collect(cached, options, steps: 0..<40) == collect(source, options, steps: 0..<40))
    let reader = cached.makeReader()
    for _ in 0..<3 {
      for sample in 0..<20 {
        let pixels = try reader.pixels(ofSample: sample)
        #expect(pixels[134] == source.pixel(sample, 2, 4, 8))
      }
    }
    #expect(reader.storedByteCount == 10 * 3 * (20 - cached.cachedSampleCount))
  }

  @Test func theStreamMeasuresItself() throws {
    let source = MemorySource(10, Self.shape)
    let stream = try BatchStream(source, options: options(source), steps: 0..<6)
    while let batch = try stream.next() { _ = batch.count }
    let statistics = stream.statistics
    #expect(statistics.sampleCount == 20 && statistics.batchCount == 6)
    #expect(statistics.pixelByteCount == 20 * 135 && statistics.storedByteCount == 200)
    #expect(statistics.waitSeconds >= 0 && statistics.waitSeconds <= statistics.seconds)
    #expect((statistics - statistics).sampleCount == 0)
  }

  @Test func theBenchmarkCountsWholeEpochs() throws {
    let source = MemorySource(10, Self.shape)
    let result = try LoaderBenchmark.run(source, options: options(source), seconds: 0.01)
    #expect(result.sampleCount > 0 && result.sampleCount % 10 == 0)
    #expect(result.samplesPerSecond > 0 && result.threadCount == 2)
  }

  @Test func optionsAreCheckedAgainstTheSource() throws {
    let source = MemorySource(10, Self.shape)
    let other = MemorySource(11, ImageShape(channels: 1, height: 5, width: 9))
    let changes: [(String, (inout LoaderOptions) throws -> Void)] = [
      ("1 to 256 threads, got 0", { $0.threadCount = 0 }),
      ("2 to 1024 batches, got 1", { $0.slotCount = 1 }),
      (
        "the order is one of 11 samples",
        { $0.order = try SampleOrder(sampleCount: 11, batchSize: 4, shuffle: .none) }
      ),
      (
        "batches of 5 images of 3×5×9",
        { $0.layout = .nchw(batchSize: 5, shape: Self.shape) }
      ),
      (
        "batches of 4 images of 1×5×9",
        { $0.layout = .nchw(batchSize: 4, shape: other.imageShape) }
      ),
      (
        "3 channels, but the normalization has 1",
        { $0.normalization = try PixelScaling(ChannelStatistics(mean: [0], deviation: [1])) }
      ),
    ]
    for (message, change) in changes {
      var options = try options(source)
      try change(&options)
      let error = #expect(throws: LoaderOptionError.self) {
        try BatchStream(source, options: options, steps: 0..<1)
      }
      #expect(error?.description.contains(message) == true, "\(message)")
    }
  }

  @Test func normalizationIsChecked() throws {
    for (mean, deviation) in [
      ([], []), ([0.5], [0.1, 0.1]), ([0.5], [0]), ([0.5], [-1]), ([.nan], [1]),
      ([0.5], [.infinity]),
    ] as [([Double], [Double])] {
      #expect(throws: LoaderOptionError.self) {
        try PixelScaling(ChannelStatistics(mean: mean, deviation: deviation))
      }
    }
  }
}
