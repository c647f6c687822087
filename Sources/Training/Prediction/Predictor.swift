import DataLoading
import Foundation
import HydraModel
import Pipelines
import Tensors
import WorkerThreads

/// Runs a trained network over image files.
public struct Predictor {
  let trained: TrainedModel
  let normalisation: Normalisation

  /// - Parameters:
  ///   - settings: tasks, depth and normalisation that the weights were trained with.
  ///   - size: width and height that images are resized to, in pixels.
  /// - Throws: what is wrong with the weights or the settings.
  public init(weights: String, settings: TrainSettings, size: Int) throws {
    trained = try TrainedModel(weights: weights, settings: settings, imageSize: size)
    normalisation = try settings.normalize.loader()
  }

  /// Predicts every file, in order.
  ///
  /// - Parameter report: gets each prediction, or why the file has none.
  /// - Returns: how many files could not be read.
  public func run(
    _ files: [String], report: (Result<Prediction, TrainingError>) throws -> Void
  ) throws -> Int {
    let model = trained.model
    let tasks = trained.settings.tasks
    let source = ImageFileSource(paths: files, size: model.input.width)
    let order = try SampleOrder(
      sampleCount: files.count, batchSize: model.input.batchCapacity, shuffle: .none,
      lastBatch: .keep)
    // Decoding JPEG files takes most of the time, so every core takes part in it.
    let options = LoaderOptions(
      order: order,
      layout: .paddedRows(
        batchSize: order.batchSize, shape: source.imageShape, padding: InputLayout.padding),
      normalisation: normalisation, threadCount: availableCoreCount())
    let stream = try BatchStream(source, options: options, steps: 0..<order.stepsPerEpoch)
    var failures = 0
    while let batch = try stream.next() {
      guard let images = batch.pixels.baseAddress else { continue }
      try model.forward(images, count: batch.count, training: false)
      for (place, sample) in batch.samples.enumerated() {
        if let problem = source.problem(of: sample) {
          failures += 1
          try report(.failure(TrainingError(problem)))
          continue
        }
        let outputs = tasks.indices.map { task in
          let logits = model.logits(task: task)
          let width = logits.count / batch.count
          return Array(logits[place * width..<(place + 1) * width])
        }
        try report(
          .success(Prediction(file: files[sample], tasks: tasks, outputs: outputs)))
      }
    }
    return failures
  }
}
