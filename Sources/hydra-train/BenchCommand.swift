import ArgumentParser
import Experiment
import PipelineFiles
import Terminal
import Training

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the loader, the training step, and both together.",
    discussion: """
      Writes nothing. Run it on an idle machine, and compare figures of the same session only.

        hydra-train bench --shards STORE --batch-size 128
        hydra-train bench --shards STORE --model mtan --step-only
        hydra-train bench --shards STORE --loader-only --loader-threads 2 --json
        hydra-train bench --step-only --size 224 --batch-size 32
        hydra-train bench --layers --size 32
        hydra-train bench --threads-plan 4,8,16,32,64 --size 32 --bandwidth 200
      """)

  @Option(
    help: ArgumentHelp(
      "The shard store; not needed with --size.", valueName: "dir"),
    completion: .directory)
  var shards: String?

  @Option(
    help: ArgumentHelp("Recipe to measure (YAML, train: section).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Flag(help: "Measure only the loader.")
  var loaderOnly = false

  @Flag(help: "Measure only the training step, on random images in memory.")
  var stepOnly = false

  @Flag(
    help: ArgumentHelp(
      "Measure every layer and pass of the training step alone: products, bytes, time.",
      discussion: """
        With its share of the peak of products and of the memory bandwidth, both measured here.
        """))
  var layers = false

  @Option(
    help: ArgumentHelp(
      "Predict the training step on these numbers of threads.",
      discussion: """
        Measures every task alone on one thread, and schedules each parallel region as the thread \
        pool would; the cost of a region's end is measured on the threads here, plus 0.2 µs for \
        every further thread. A region takes no less than its bytes do at the memory bandwidth. \
        The number of threads that is used here comes with the time that was measured.
        """, valueName: "n,n,…"))
  var threadsPlan: ThreadCounts?

  @Option(
    help: ArgumentHelp(
      "Memory bandwidth of the machine that --threads-plan is for, in GB/s.",
      discussion: """
        Every thread gets what one thread's triad measures here, until this is reached: about 60 for a desktop's two channels, 200 to 400 for a server's socket. \
        (default: 16 times what one thread gets)
        """, valueName: "GB/s"))
  var bandwidth: Double?

  @Option(
    help: ArgumentHelp(
      "Width and height of the images of --step-only, --layers and --threads-plan. (default: the store's)",
      valueName: "pixels"))
  var size: Int?

  @Flag(help: "Measure only what each way of balancing the tasks adds to a step.")
  var balancing = false

  @Option(help: "The network. (default: hydranet)")
  var model: NetworkKind?

  @Option(help: "What follows the first convolution. (default: max)")
  var stemPool: StemPool?

  @Option(help: "Numbers that training multiplies. (default: f32)")
  var precision: TrainingPrecision?

  @Option(help: "Images in a batch. (default: 128)")
  var batchSize: Int?

  @Option(help: "How long to measure each part, in seconds.")
  var seconds: Double = 5

  @Option(help: "Threads of the engine. (default: all cores)")
  var threads: Int?

  @Option(help: "Threads of the loader. (default: all cores while it runs alone)")
  var loaderThreads: Int?

  @Option(
    help: ArgumentHelp(
      "Megabytes of decoded pixels to keep in memory. (default: 0)", valueName: "megabytes"))
  var cache: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if [loaderOnly, stepOnly, balancing, layers, threadsPlan != nil].count(where: { $0 }) > 1 {
      throw ValidationError(
        "--loader-only, --step-only, --balancing, --layers and --threads-plan exclude each other")
    }
    if let bandwidth {
      guard threadsPlan != nil else {
        throw ValidationError("--bandwidth goes with --threads-plan")
      }
      guard bandwidth > 0, bandwidth <= 1e6 else {
        throw ValidationError("--bandwidth must be above 0 and at most 1e6 GB/s, got \(bandwidth)")
      }
    }
    if let size {
      guard stepOnly || layers || threadsPlan != nil else {
        throw ValidationError("--size goes with --step-only, --layers or --threads-plan")
      }
      guard PrepSettings.imageSizes.contains(size) else {
        throw ValidationError("--size must be 32 to 1024 pixels, got \(size)")
      }
    }
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must be above 0 and at most 3600, got \(seconds)")
    }
  }

  func run() throws {
    var settings = try pipeline.map { try Pipeline(contentsOf: $0).train } ?? TrainSettings()
    if let shards { settings.shards = shards }
    if let model { settings.model.name = model }
    if let stemPool { settings.model.stemPool = stemPool }
    if let precision { settings.precision = precision }
    if let batchSize { settings.batchSize = batchSize }
    if let threads { settings.threads = threads }
    if let loaderThreads { settings.loaderThreads = loaderThreads }
    if let cache { settings.cacheMegabytes = cache }
    try settings.validate()
    let result = try TrainingBenchmark.run(settings, parts: parts, seconds: seconds, size: size)
    if json {
      try StandardOutput.main.json(result.json())
    } else {
      try StandardOutput.main.lines(result.lines(columns: StandardOutput.main.columns))
    }
  }

  private var parts: Set<TrainingBenchmark.Part> {
    if loaderOnly { return [.loader] }
    if stepOnly { return [.step] }
    if balancing { return [.balancing] }
    if layers { return [.layers] }
    if let threadsPlan {
      return [.plan(threadCounts: threadsPlan.values, bandwidth: bandwidth)]
    }
    return [.loader, .step, .epoch]
  }
}
