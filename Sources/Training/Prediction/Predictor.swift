import DataLoading
import ModelFiles
import Pipelines
import WorkerThreads

/// Runs a trained network over image files.
///
/// Every core has a network of its own and takes batch after batch, from the file to the
/// prediction: no core waits for another, which is a third faster than sharing one network.
public struct Predictor: Sendable {
  let weights: TensorFile
  let path: String
  let settings: TrainSettings
  let size: Int
  let normalisation: Normalisation

  /// - Parameters:
  ///   - settings: tasks, depth and normalisation that the weights were trained with.
  ///   - size: width and height that images are resized to, in pixels.
  /// - Throws: what is wrong with the weight file or the settings.
  public init(weights: String, settings: TrainSettings, size: Int) throws {
    self.weights = try TensorFile.read(weights)
    path = weights
    self.settings = settings
    self.size = size
    normalisation = try settings.normalize.loader()
  }

  /// Predicts every file, in order.
  ///
  /// - Parameter report: gets each prediction, or why the file has none.
  /// - Returns: how many files could not be read.
  /// - Throws: `TrainingError` where the tensors are not the network's, and what `report` throws.
  public func run(
    _ files: [String], report: (Result<Prediction, TrainingError>) throws -> Void
  ) throws -> Int {
    let batchSize = settings.batchSize
    let batchCount = (files.count + batchSize - 1) / batchSize
    let threads = settings.threads ?? availableCoreCount()
    let laneCount = min(threads, batchCount)
    guard laneCount > 0 else { return 0 }
    var settings = settings
    settings.threads = threads / laneCount
    let lanes = OrderedWorkers(count: batchCount, threads: laneCount, name: "predict") {
      [weights, path, size, normalisation, settings] in
      let lane = try PredictionLane(
        weights: weights, of: path, settings: settings, size: size, normalisation: normalisation)
      return { index in
        try lane.predict(files[index * batchSize..<min((index + 1) * batchSize, files.count)])
      }
    }
    var failures = 0
    while let results = try lanes.next() {
      for result in results {
        if case .failure = result { failures += 1 }
        try report(result)
      }
    }
    return failures
  }
}
