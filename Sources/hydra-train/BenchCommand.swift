import ArgumentParser
import Pipelines
import Training

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the loader, the training step, and both together.",
    discussion: """
        hydra-train bench --shards data/shards/utkface-32 --batch-size 128
        hydra-train bench --shards data/shards/utkface-32 --loader-only --loader-threads 2 --json
      """)

  @Option(help: ArgumentHelp("The shard store.", valueName: "dir"))
  var shards: String

  @Option(help: ArgumentHelp("Recipe to measure (YAML, train: section).", valueName: "file"))
  var pipeline: String?

  @Flag(help: "Measure only the loader.")
  var loaderOnly = false

  @Flag(help: "Measure only the training step, on random images in memory.")
  var stepOnly = false

  @Flag(help: "Measure only what each way of balancing the tasks adds to a step.")
  var balancing = false

  @Option(help: "Images in a batch.")
  var batchSize: Int?

  @Option(help: ArgumentHelp("Time for each part."))
  var seconds: Double = 5

  @Option(help: "Threads of the engine; all cores if not given.")
  var threads: Int?

  @Option(help: "Threads of the loader.")
  var loaderThreads: Int?

  @Option(help: ArgumentHelp("Decoded pixels to keep in memory.", valueName: "megabytes"))
  var cache: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if [loaderOnly, stepOnly, balancing].count(where: { $0 }) > 1 {
      throw ValidationError("--loader-only, --step-only and --balancing exclude each other")
    }
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must be above 0 and at most 3600, got \(seconds)")
    }
  }

  func run() throws {
    var settings = try pipeline.map { try Pipeline(contentsOf: $0).train } ?? TrainSettings()
    settings.shards = shards
    if let batchSize { settings.batchSize = batchSize }
    if let threads { settings.threads = threads }
    if let loaderThreads { settings.loaderThreads = loaderThreads }
    if let cache { settings.cacheMegabytes = cache }
    try settings.validate()
    let parts: Set<TrainingBenchmark.Part> =
      loaderOnly
      ? [.loader] : stepOnly ? [.step] : balancing ? [.balancing] : [.loader, .step, .epoch]
    let result = try TrainingBenchmark.run(settings, parts: parts, seconds: seconds)
    print(try json ? result.json() : result.text)
  }
}
