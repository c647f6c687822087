import ArgumentParser
import Experiment
import PipelineFiles
import Terminal
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure trained weights on a shard store.",
    usage: "hydra-train evaluate --shards <dir> --weights <file> [<options>]",
    discussion: """
      Prints the loss and every task's figures, errors by decade or class, and errors by group \
      (gender by race). The weight file says its tasks, its normalization and its depth. A file \
      from PyTorch does not: they then come from --pipeline, or are those of a run without a recipe.

        hydra-train evaluate --shards STORE --weights RUN/best.safetensors
        hydra-train evaluate --shards STORE --weights article.pth --split train
        hydra-train evaluate --shards STORE --weights RUN/best.safetensors --json
      """)

  @Option(help: ArgumentHelp("The shard store.", valueName: "dir"), completion: .directory)
  var shards: String

  @Option(
    help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var weights: String

  @Option(help: "The split to measure on.", completion: .list(["train", "validation", "test"]))
  var split = "validation"

  @Option(
    help: ArgumentHelp(
      "Recipe with the tasks, for weights from PyTorch (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Option(
    help: ArgumentHelp(
      "Size of the store's images, to measure at another size than the weights were trained at.",
      valueName: "pixels"))
  var size: Int?

  @Option(help: "Images in a batch. (default: as in training)")
  var batchSize: Int?

  @Option(help: "Threads of the engine. (default: all cores)")
  var threads: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let given = try GivenWeights(weights, pipeline: pipeline, size: size)
    var settings = given.about.settings
    let data = try TrainingData(
      shards: shards, tasks: given.namedTasks, fold: settings.fold, needsFold: false)
    settings.tasks = data.tasks
    try given.checkSize(of: data, requested: size)
    for notice in try data.notices(on: data.split(split), given.about) { printError(notice) }
    settings = try data.resolvingClassWeights(settings)
    // The batch that the weights were trained with, where it is not absurd: a file says it.
    settings.batchSize =
      batchSize
      ?? min(settings.batchSize, TrainedModel.largestBatch(imageSize: data.imageSize))
    settings.threads = threads
    try settings.validate()
    let model = try TrainedModel(
      weights: weights, settings: settings, imageSize: data.imageSize)
    if let remark = given.remark(imageSize: data.imageSize) { printError(remark) }
    let line = ProgressLine(
      "evaluate", total: try data.split(split).sampleCount, unit: "images")
    let evaluation = try model.evaluate(data, split: split) { line.update(done: $0) }
    line.finish()
    if json {
      try StandardOutput.main.json(evaluation.json())
    } else {
      try StandardOutput.main.lines(evaluation.lines(columns: StandardOutput.main.columns))
    }
  }
}
