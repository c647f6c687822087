import ArgumentParser
import Experiment
import PipelineFiles
import Terminal
import Training

/// Weights and the split to measure them on: what `evaluate` and `calibrate` have in common.
struct MeasuringArguments: ParsableArguments {
  @Option(help: ArgumentHelp("The shard store.", valueName: "dir"), completion: .directory)
  var shards: String

  @OptionGroup var trained: WeightArguments

  @Option(help: "The split to measure on.", completion: .list(["train", "validation", "test"]))
  var split = "validation"

  @Option(
    help: ArgumentHelp(
      "Size of the store's images, to measure at another size than the weights were trained at.",
      valueName: "pixels"))
  var size: Int?

  @Option(help: "Images in a batch. (default: as in training)")
  var batchSize: Int?

  @Option(help: "Threads of the engine. (default: all cores)")
  var threads: Int?

  /// Opens both, and says on standard error what there is to know about them.
  func open() throws -> (model: TrainedModel, data: TrainingData) {
    let given = try trained.read(size: size)
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
      weights: trained.weights, settings: settings, imageSize: data.imageSize)
    if let remark = given.remark(imageSize: data.imageSize) { printError(remark) }
    return (model, data)
  }

  /// A line that shows how many images are done.
  func progress(_ name: String, _ data: TrainingData) throws -> ProgressLine {
    ProgressLine(name, total: try data.split(split).sampleCount, unit: "images")
  }
}
