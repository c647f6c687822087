import Experiment
import Images
import Loader
import Photographs
import Threads

/// Runs a trained network over photographs.
///
/// Every core has a network of its own, on shared weights, and takes batch after batch, from the
/// file to the prediction: no core waits for another, which is a third faster than one network that
/// runs on all of them.
package struct Predictor {
  let trained: TrainedModel
  let normalization: PixelScaling
  let upright: Bool
  let rule: AnswerRule
  /// Shows where answers come from; nil where nobody asks.
  package let explainer: Explainer?

  /// - Parameters:
  ///   - settings: tasks, depth and normalization that the weights were trained with.
  ///   - size: width and height that images are resized to, in pixels.
  ///   - upright: whether an EXIF orientation is applied.
  ///   - rule: how the network's outputs become answers.
  ///   - explanations: a folder for pictures of where the answers come from; nil for none.
  /// - Throws: what is wrong with the weights or the settings.
  package init(
    weights: String, settings: TrainSettings, size: Int, upright: Bool = true,
    rule: AnswerRule = AnswerRule(), explanations: String? = nil
  ) throws {
    trained = try TrainedModel(weights: weights, settings: settings, imageSize: size)
    self.upright = upright
    self.rule = rule
    normalization = try settings.normalize.loader()
    explainer = try explanations.map { [trained] in
      try Explainer(folder: $0, model: trained.model, tasks: trained.settings.tasks)
    }
  }

  /// Predicts every photograph, in order.
  ///
  /// - Parameter report: gets each prediction, or why a photograph has none.
  /// - Returns: how many could not be read.
  /// - Throws: `ModelError`, and what `report` throws.
  package func run(
    _ photographs: [Photograph], report: (Result<Prediction, any Error>) throws -> Void
  ) throws -> Int {
    let batchSize = trained.settings.batchSize
    let batchCount = (photographs.count + batchSize - 1) / batchSize
    let threads = trained.settings.threads ?? availableCoreCount()
    let laneCount = min(threads, batchCount)
    guard laneCount > 0 else { return 0 }
    // The lanes only read it.
    nonisolated(unsafe) let trained = trained
    let lanes = try OrderedWorkers(count: batchCount, threads: laneCount, name: "predict") {
      [normalization, upright, rule, explainer] in
      let lane = try PredictionLane(
        trained, normalization: normalization, upright: upright, rule: rule,
        explainer: explainer, threads: threads / laneCount)
      return { index in
        try lane.predict(
          photographs[index * batchSize..<min((index + 1) * batchSize, photographs.count)],
          first: index * batchSize)
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
