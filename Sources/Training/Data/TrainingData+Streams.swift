import Experiment
import Loader
import Network
import Store
import Tensors
import Terminal
import Threads

extension TrainingData {
  /// The order of a run's training batches.
  func trainingOrder(_ settings: TrainSettings) throws -> SampleOrder {
    try SampleOrder(
      sampleCount: split("train").sampleCount, batchSize: settings.batchSize,
      shuffle: .global(seed: settings.seed), lastBatch: settings.keepLastBatch ? .keep : .drop)
  }

  /// Refuses batches that BatchNorm cannot learn from, before a run begins that would end at one.
  ///
  /// The trunk's last map is 1×1 for images of 32×32: a lone image there has no variance.
  func checkSmallestBatch(_ settings: TrainSettings) throws {
    let rest = try split("train").sampleCount % settings.batchSize
    let smallest = settings.keepLastBatch && rest > 0 ? rest : settings.batchSize
    guard smallest > 1 || imageSize > 32 else {
      throw TrainingError(
        "a batch of one image of \(imageSize)×\(imageSize) leaves BatchNorm nothing to average; "
          + (settings.batchSize == 1
            ? "use a --batch-size of 2 or more"
            : "the last batch of an epoch is one, so change --batch-size or leave keep_last_batch out")
      )
    }
  }

  /// Where the engine wants a batch of this store's images.
  func inputLayout(batchSize: Int) -> InputLayout {
    InputLayout(batchCapacity: batchSize, height: imageSize, width: imageSize)
  }

  /// Batches of the training split: shuffled, augmented, over all epochs.
  ///
  /// - Parameter steps: the batches to deliver, counted since the start of the run.
  package func trainingStream(_ settings: TrainSettings, steps: Range<Int>) throws -> BatchStream {
    try BatchStream(
      source(of: split("train"), settings), options: trainingOptions(settings), steps: steps)
  }

  /// The speed of the training stream without a trainer.
  func benchmarkLoader(_ settings: TrainSettings, seconds: Double) throws -> LoaderBenchmark {
    let line = TimedProgress("loader", seconds: seconds, unit: "samples")
    defer { line.finish() }
    return try LoaderBenchmark.run(
      source(of: split("train"), settings), options: trainingOptions(settings), seconds: seconds,
      progress: line.add)
  }

  private func trainingOptions(_ settings: TrainSettings) throws -> LoaderOptions {
    let augmentation = try Augmentation(
      horizontalFlip: settings.augment.flip, cropPadding: settings.augment.cropPadding,
      cutout: settings.augment.cutout, brightness: settings.augment.brightness,
      contrast: settings.augment.contrast, seed: settings.seed)
    return try options(
      trainingOrder(settings), settings, augmentation: augmentation.isActive ? augmentation : nil)
  }

  /// All samples of a split once, in the order of the store, the last batch as it comes.
  package func evaluationStream(
    of split: SplitReader, _ settings: TrainSettings
  ) throws -> BatchStream {
    let order = try SampleOrder(
      sampleCount: split.sampleCount, batchSize: settings.batchSize, shuffle: .none,
      lastBatch: .keep)
    return try BatchStream(
      source(of: split, settings), options: options(order, settings, augmentation: nil),
      steps: 0..<order.stepsPerEpoch)
  }

  private func options(
    _ order: SampleOrder, _ settings: TrainSettings, augmentation: Augmentation?
  ) throws -> LoaderOptions {
    let shape = ImageShape(channels: 3, height: imageSize, width: imageSize)
    // One thread decodes about a hundred times faster than two cores train; more of them would
    // only take the cores from the engine.
    return try LoaderOptions(
      order: order,
      layout: .paddedRows(
        batchSize: order.batchSize, shape: shape, padding: InputLayout.padding),
      normalization: resolved(settings.normalize).loader(), augmentation: augmentation,
      labelColumns: columns, threadCount: settings.loaderThreads ?? 1)
  }

  private func source(of split: SplitReader, _ settings: TrainSettings) throws -> any SampleSource {
    let source = ShardSource(split)
    let budget =
      settings.cacheMegabytes.map { $0 * 1_000_000 } ?? CachedSource.automaticBudget(for: source)
    return try budget > 0 ? CachedSource(source, byteBudget: budget) : source
  }
}

extension Normalization {
  /// The map as the loader knows it.
  ///
  /// - Throws: `LoaderOptionError` for values that are none; `TrainingError` for a store's own
  ///   values, which `TrainingData.resolved` has to write out first.
  func loader() throws -> PixelScaling {
    switch self {
    case .imagenet: return try PixelScaling(.imagenet)
    case .values(let statistics): return try PixelScaling(statistics)
    case .dataset:
      throw TrainingError(
        "the mean and deviation of a store are asked for, but no store was given; give a --pipeline "
          + "whose normalize says {mean: [r, g, b], std: [r, g, b]}")
    }
  }
}
