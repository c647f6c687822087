import ArgumentParser
import Experiment
import Foundation
import PipelineFiles
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

  @Option(help: ArgumentHelp("The shard store.", valueName: "dir"))
  var shards: String

  @Option(help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"))
  var weights: String

  @Option(help: "The split to measure on.")
  var split = "validation"

  @Option(help: ArgumentHelp("Recipe that says the tasks (YAML).", valueName: "file"))
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
    let about = try WeightDescription(weights: weights)
    var settings =
      try pipeline.map { try Pipeline(contentsOf: $0).train } ?? about?.settings.recipe
      ?? TrainSettings()
    let data = try TrainingData(shards: shards, tasks: settings.tasks)
    try checkSize(of: data, trained: about?.imageSize)
    for notice in try data.notices(on: data.split(split), about) { printError(notice) }
    settings = try data.resolvingClassWeights(settings)
    // The batch that the weights were trained with, where it is not absurd: a file says it.
    settings.batchSize =
      batchSize
      ?? min(settings.batchSize, TrainedModel.largestBatch(imageSize: data.imageSize))
    settings.threads = threads
    try settings.validate()
    let model = try TrainedModel(
      weights: weights, settings: settings, imageSize: data.imageSize)
    let evaluation = try model.evaluate(data, split: split)
    if json {
      print(String(decoding: try EvaluationReport(evaluation).json(), as: UTF8.self))
    } else {
      print(evaluation.text)
    }
  }

  /// Refuses to measure at a size that the weights were not trained at, unless asked to.
  private func checkSize(of data: TrainingData, trained: Int?) throws {
    if let size, size != data.imageSize {
      throw ValidationError("--size is \(size), but the images of \(shards) have \(data.imageSize)")
    }
    guard let trained, trained != data.imageSize else { return }
    guard size != nil else {
      throw TrainingError(
        "\(weights) was trained at \(trained) pixels, but the images of \(shards) have "
          + "\(data.imageSize); give a store of \(trained), or --size \(data.imageSize) to measure it "
          + "there all the same")
    }
    printError(
      "note: \(weights) was trained at \(trained) pixels and is measured at \(data.imageSize)")
  }
}
