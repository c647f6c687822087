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
    let opened = try MeasuredModel(
      trained.read(size: size), on: shards, splits: [split], size: size, batchSize: batchSize,
      threads: threads)
    for notice in opened.notices { printError(notice) }
    return (opened.model, opened.data)
  }

  /// A line that shows how many images are done.
  func progress(_ name: String, _ data: TrainingData) throws -> ProgressLine {
    ProgressLine(name, total: try data.split(split).sampleCount, unit: "images")
  }
}
