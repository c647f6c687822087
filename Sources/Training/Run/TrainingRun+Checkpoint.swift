import Foundation
import HydraModel
import ModelFiles
import Pipelines
import Tensors

extension TrainingRun {
  private static let progressKey = "hydranet.progress"
  private static let weightPrefix = "weights."
  private static let averagePrefix = "average."
  private static let optimizerPrefix = "optimizer."

  /// Saves weights and a checkpoint in the middle of an epoch.
  func save() throws {
    try saveWeights(to: folder.last)
    try saveCheckpoint()
  }

  /// Writes the weights that are to be used: the averaged ones, where there are any. Names and
  /// shapes are those of the article's PyTorch class, and nothing else is in the file.
  func saveWeights(to path: String) throws {
    let tensors = try withAveragedWeights { model.exportTensors() }
    try SafetensorsWriter.write(tensors.named(), metadata: about.metadata, to: path)
  }

  /// Writes all that a resumed run needs, in one file, so that no crash can tear it apart.
  func saveCheckpoint() throws {
    progress.balancing = balancer.state
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(progress), as: UTF8.self)
    var tensors = model.exportTensors().named(prefix: Self.weightPrefix)
    tensors += optimizer.exportState().named(prefix: Self.optimizerPrefix)
    if let average { tensors += average.exportTensors().named(prefix: Self.averagePrefix) }
    try SafetensorsWriter.write(
      tensors, metadata: about.metadata.merging([Self.progressKey: text]) { $1 },
      to: folder.checkpoint)
  }

  var about: WeightDescription {
    WeightDescription(
      settings: settings, imageSize: data.imageSize,
      classNames: Dictionary(
        settings.tasks.map {
          ($0.name, $0.bins.isEmpty ? data.classNames(ofColumn: $0.column) : [])
        },
        uniquingKeysWith: { first, _ in first }))
  }

  /// The settings as config.yaml has them.
  var configurationText: String {
    var pipeline = Pipeline()
    pipeline.train = settings
    return pipeline.yaml
  }

  /// Puts the weights of a file of this run into the network.
  func loadWeights(_ path: String) throws {
    _ = try model.importTensors(TensorFile.read(path).states(prefix: ""))
  }

  /// Takes up the checkpoint of the run's folder.
  ///
  /// - Throws: `TrainingError` if there is none or it is of another run, `ModelFileError` if it is
  ///   damaged.
  func restore() throws {
    guard RunFolder.exists(folder.checkpoint) else {
      throw TrainingError(
        "\(folder.path) holds no checkpoint to resume from; start a run with --output \(folder.path)"
      )
    }
    let file = try TensorFile.read(folder.checkpoint)
    guard let text = file.metadata[Self.progressKey],
      let saved = try? JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8)),
      saved.batch >= 0, saved.batch <= totalBatches, saved.step >= 0,
      saved.sums.losses.count == settings.tasks.count,
      saved.sums.weights.count == settings.tasks.count
    else {
      throw TrainingError(
        "\(folder.checkpoint) is no checkpoint of this run; resume with the files that the run "
          + "itself wrote")
    }
    _ = try model.importTensors(file.states(prefix: Self.weightPrefix))
    try optimizer.importState(file.states(prefix: Self.optimizerPrefix))
    try average?.importTensors(file.states(prefix: Self.averagePrefix))
    try balancer.restore(saved.balancing)
    progress = saved
    try folder.keepRecords(upToEpoch: epochsDone)
  }

  /// Runs `body` with the averaged weights in the network, where there are any.
  func withAveragedWeights<Result>(_ body: () throws -> Result) throws -> Result {
    guard let average else { return try body() }
    return try model.withAverage(average, body)
  }
}
