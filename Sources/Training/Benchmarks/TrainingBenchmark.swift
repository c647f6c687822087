import Experiment
import Foundation
import Loader
import Network
import Terminal
import Threads

/// What a store and this machine can do: the loader alone, the training step alone, both, and the
/// step with every way of balancing the tasks.
package struct TrainingBenchmark: Encodable, Sendable {
  package struct Step: Encodable, Sendable {
    package var imagesPerSecond: Double
    /// Of the matrix products that the engine runs.
    package var gflops: Double
    /// As if every convolution were a direct product.
    package var directGflops: Double
    package var gemmPeak: Double
    package var shareOfPeak: Double
    /// What multiplies matrices.
    package var products: String
    package var phases: [String: Double]
    enum CodingKeys: String, CodingKey {
      case gflops, phases, products
      case imagesPerSecond = "images_per_second"
      case directGflops = "direct_gflops"
      case gemmPeak = "gemm_peak_gflops"
      case shareOfPeak = "share_of_peak"
    }
  }
  package struct Epoch: Encodable, Sendable {
    package var imagesPerSecond: Double
    package var dataWait: Double
    enum CodingKeys: String, CodingKey {
      case imagesPerSecond = "images_per_second"
      case dataWait = "data_wait"
    }
  }

  package var batchSize: Int
  package var imageSize: Int
  package var threads: Int
  package var loader: LoaderBenchmark?
  package var step: Step?
  package var epoch: Epoch?
  package var balancing: BalancingBenchmark?
  package var layers: LayerTable?
  package var plan: ThreadPlanTable?

  enum CodingKeys: String, CodingKey {
    case threads, loader, step, epoch, balancing, layers
    case plan = "threads_plan"
    case batchSize = "batch_size"
    case imageSize = "image_size"
  }

  /// What can be measured.
  package enum Part: Hashable, Sendable {
    case loader, step, epoch, balancing
    /// Every layer of a step alone.
    case layers
    /// The step on other numbers of threads, on paper; `bandwidth` is the most that the planned
    /// machine's memory gives, in 10⁹ bytes a second.
    case plan(threadCounts: [Int], bandwidth: Double?)

    /// Whether it is of random images in memory.
    fileprivate var needsNoStore: Bool {
      switch self {
      case .step, .layers, .plan: true
      case .loader, .epoch, .balancing: false
      }
    }
  }

  /// Measures for about `seconds` a part, and a way of balancing.
  ///
  /// - Parameters:
  ///   - settings: `shards` must be set, unless only steps are measured and `size` is given. The
  ///     loader runs with `loaderThreads`, or with all cores while it is measured alone.
  ///   - size: width and height of the step's images, in pixels; the store's where nil.
  package static func run(
    _ settings: TrainSettings, parts: Set<Part>, seconds: Double, size: Int? = nil
  ) throws -> TrainingBenchmark {
    let data: TrainingData?
    if parts.allSatisfy(\.needsNoStore), size != nil {
      data = nil
    } else {
      guard let shards = settings.shards else {
        throw TrainingError("no shard store was named; give --shards DIR")
      }
      data = try TrainingData(
        shards: shards, tasks: settings.tasks, fold: settings.fold)
    }
    guard let size = size ?? data?.imageSize else {
      throw TrainingError("the size of the images is not known; give --shards DIR or --size PIXELS")
    }
    let threads = settings.threads ?? availableCoreCount()
    var result = TrainingBenchmark(
      batchSize: settings.batchSize, imageSize: size, threads: threads)
    if let data, parts.contains(.loader) {
      result.loader = try measureLoader(data, settings, seconds: seconds)
    }
    let shape = StepShape(
      batch: settings.batchSize, size: size, kind: settings.model.name,
      architecture: settings.model.trunk, stemPool: settings.model.stemPool,
      precision: settings.precision)
    if parts.contains(.step) {
      let line = TimedProgress("step", seconds: seconds, unit: "images")
      let report = try StepBenchmark.run(
        shape, threads: threads, seconds: seconds, progress: line.add)
      line.finish()
      result.step = Step(
        imagesPerSecond: report.imagesPerSecond, gflops: report.gigaflops,
        directGflops: report.directGigaflops,
        gemmPeak: report.peakGigaflops, shareOfPeak: report.shareOfPeak,
        products: report.products,
        phases: Dictionary(
          report.phases.map { ($0.phase.rawValue, $0.milliseconds) }, uniquingKeysWith: +))
    }
    if parts.contains(.epoch) { result.epoch = try measureEpoch(settings, seconds: seconds) }
    if parts.contains(.balancing) {
      result.balancing = try BalancingBenchmark.run(settings, seconds: seconds)
    }
    if parts.contains(.layers) {
      let line = TimedProgress("layers", seconds: seconds, unit: "images")
      defer { line.finish() }
      result.layers = LayerTable(
        try LayerBenchmark.run(shape, threads: threads, seconds: seconds, progress: line.add))
    }
    for case .plan(let threadCounts, let bandwidth) in parts {
      let line = TimedProgress("plan", seconds: seconds, unit: "images")
      defer { line.finish() }
      result.plan = ThreadPlanTable(
        try ThreadPlanBenchmark.run(
          shape, threads: threads, seconds: seconds, bandwidthLimit: bandwidth,
          progress: line.add),
        threadCounts: threadCounts)
    }
    return result
  }

  private static func measureLoader(
    _ data: TrainingData, _ settings: TrainSettings, seconds: Double
  ) throws -> LoaderBenchmark {
    var settings = settings
    let threads = settings.loaderThreads ?? availableCoreCount()
    settings.loaderThreads = threads
    // Decoding is what is measured, unless a cache was asked for.
    if settings.cacheMegabytes == nil { settings.cacheMegabytes = 0 }
    return try data.benchmarkLoader(settings, seconds: seconds)
  }

  /// Trains on the store without writing anything.
  private static func measureEpoch(_ settings: TrainSettings, seconds: Double) throws -> Epoch {
    var settings = settings
    settings.epochs = 100_000
    let run = try TrainingRun.temporary(settings)
    defer { run.removeFiles() }
    return try run.measure(seconds: seconds)
  }
}

extension TrainingRun {
  /// Trains for about `seconds` after a second of warm-up, and keeps nothing.
  func measure(seconds: Double) throws -> TrainingBenchmark.Epoch {
    let stream = try data.trainingStream(settings, steps: 0..<totalBatches)
    let start = ContinuousClock.now
    var isWarm = false
    let line = TimedProgress("epoch", seconds: seconds, unit: "images")
    defer { line.finish() }
    meter.begin(stream.statistics)
    while let batch = try stream.next() {
      _ = try train(on: batch)
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      if !isWarm, elapsed > 1 {
        isWarm = true
        meter.begin(stream.statistics)
      }
      if isWarm { line.add(batch.count) }
      if elapsed > seconds + 1 { break }
    }
    let speed = meter.end(stream.statistics)
    return .init(imagesPerSecond: speed.imagesPerSecond, dataWait: speed.dataWait)
  }
}
