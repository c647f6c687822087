import Experiment
import Foundation
import Network
import Reports
import Store
import Threads
import WeightFiles

/// A trained network from a file of weights, with the settings that it was trained with.
package struct TrainedModel {
  package let settings: TrainSettings
  package let model: HydraNet

  /// - Parameters:
  ///   - imageSize: width and height of the images to come, in pixels.
  /// - Throws: `FileError` for a bad file, `TrainingError` where its tensors are not the
  ///   network's.
  package init(weights: String, settings: TrainSettings, imageSize: Int) throws {
    try self.init(TensorFile.read(weights), settings: settings, imageSize: imageSize)
  }

  package init(_ file: TensorFile, settings: TrainSettings, imageSize: Int) throws {
    self.settings = settings
    let pool = ThreadPool(threadCount: settings.threads ?? availableCoreCount(), name: "engine")
    let counts = settings.tasks.map { [Int](repeating: 1, count: max($0.classes ?? 0, 0)) }
    model = try HydraNet(
      settings.modelConfiguration(counts: counts),
      input: .init(batchCapacity: settings.batchSize, height: imageSize, width: imageSize),
      pool: pool, seed: nil)
    let found = try NetworkWeights(file, for: model)
    _ = try naming(file.path) { [model] in try model.importTensors(found.states) }
    if let name = found.unknown.first {
      throw TrainingError(
        "\(file.path): the network has no tensor \(name), one of \(found.unknown.count): the weights "
          + "are of another architecture or other tasks; give the --pipeline that they were trained "
          + "with")
    }
    model.prepareEvaluation()
  }

  /// How many images of a size a network takes at once within a few hundred megabytes.
  package static func largestBatch(imageSize: Int) -> Int {
    max(1, (1 << 20) / max(1, imageSize * imageSize))
  }

  /// The figures of the network on a split of a store.
  ///
  /// - Parameters:
  ///   - rule: how its outputs become answers.
  ///   - by: columns to give all figures by; see `TrainingData.grouping`. Empty for the usual ones.
  ///   - progress: told how many samples are done, batch after batch.
  package func evaluate(
    _ data: TrainingData, split name: String, rule: AnswerRule = AnswerRule(), by: [String] = [],
    progress: (Int) throws -> Void = { _ in }
  ) throws -> Evaluation {
    let split = try data.split(name)
    let groupings =
      by.isEmpty
      ? try data.usualGrouping(in: split).map { [$0] } ?? []
      : try by.map { try data.grouping(by: $0, in: split) }
    return try measure(data, on: split, rule: rule, groupings: groupings, progress: progress).0
  }

  /// The figures, and by task the outputs [samples][outputs] and the labels.
  func measure(
    _ data: TrainingData, on split: SplitReader, rule: AnswerRule, groupings: [Grouping] = [],
    progress: (Int) throws -> Void
  ) throws -> (Evaluation, outputs: [[Float]], labels: [[Float]]) {
    _ = try data.classCounts(in: split)
    let measured = try Evaluator(data: data, settings: settings, rule: rule, groupings: groupings)
      .run(model, on: split, progress: progress)
    guard measured.outputs.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw TrainingError(
        "the network's outputs on split \(split.name) of \(data.store.path) are not all numbers: "
          + "its weights are damaged, or their training diverged")
    }
    return measured
  }
}
