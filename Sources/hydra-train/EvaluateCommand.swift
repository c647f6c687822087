import ArgumentParser
import Experiment
import Foundation
import PipelineFiles
import Terminal
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure trained weights on a shard store.",
    discussion: """
      Tasks, normalisation and depth are those that stand in the weight file. A file from PyTorch \
      has none: they then come from --pipeline, or are the article's.

        hydra-train evaluate --shards data/shards/utkface-32 --weights runs/7/best.safetensors
        hydra-train evaluate --shards data/shards/utkface-32 --weights article.pth --split train
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
    help: ArgumentHelp("Recipe that says the tasks (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Option(
    help: ArgumentHelp(
      "Measure at this size, the store's, although the weights were trained at another.",
      valueName: "pixels"))
  var size: Int?

  @Option(help: "Images in a batch.")
  var batchSize: Int?

  @Option(help: "Threads of the engine; all cores if not given.")
  var threads: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let given = try GivenWeights(weights, pipeline: pipeline, size: size)
    var settings = given.about.settings
    let data = try TrainingData(
      shards: shards, tasks: settings.tasks,
      fold: settings.fold, needsFold: false)
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
    let evaluation = try model.evaluate(data, split: split)
    if json {
      try StandardOutput.main.json(
        String(decoding: EvaluationReport(evaluation).json(), as: UTF8.self))
    } else {
      try StandardOutput.main.lines(evaluation.lines(columns: StandardOutput.main.columns))
    }
  }
}
