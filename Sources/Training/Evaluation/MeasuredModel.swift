import Experiment
import Store

/// Trained weights, and the store to measure them on.
package struct MeasuredModel {
  package let model: TrainedModel
  package let data: TrainingData
  /// What there is to know about both, for people.
  package let notices: [String]
  private let trainingSources: SourceSample?

  /// - Parameters:
  ///   - splits: those that will be measured.
  ///   - size: of the store's images, to measure at another size than the weights were trained at.
  ///   - batchSize: nil for that of the training.
  ///   - threads: of the engine; nil for all cores.
  /// - Throws: `StoreError`, `FileError`, `TrainingError`: each one sentence.
  package init(
    _ given: GivenWeights, on shards: String, splits: [String], size: Int? = nil,
    batchSize: Int? = nil, threads: Int? = nil
  ) throws {
    var settings = given.about.settings
    let data = try TrainingData(
      shards: shards, tasks: given.namedTasks, fold: settings.fold, needsFold: false)
    settings.tasks = data.tasks
    try given.checkSize(of: data, requested: size)
    var notices = try splits.flatMap { try data.notices(on: data.split($0), given.about) }
    settings = try data.resolvingClassWeights(settings)
    // The batch that the weights were trained with, where it is not absurd: a file says it.
    settings.batchSize =
      batchSize
      ?? min(settings.batchSize, TrainedModel.largestBatch(imageSize: data.imageSize))
    settings.threads = threads
    self.data = data
    try settings.validate()
    model = try TrainedModel(given.file, settings: settings, imageSize: data.imageSize)
    if let remark = given.remark(imageSize: data.imageSize) { notices.append(remark) }
    self.notices = notices
    trainingSources = given.about.trainingSources
  }

  private var filledSplits: [SplitReader] { data.store.splits.filter { $0.sampleCount > 0 } }

  /// Whether the weights were trained on photographs of the store.
  package func knowsSamples() throws -> Bool {
    guard let trainingSources else { return false }
    return try filledSplits.contains { try trainingSources.overlap(with: $0.sources()) > 0 }
  }

  /// What the model says of every sample of the store, in the order of its splits.
  ///
  /// - Parameter progress: told how many samples are done, batch after batch.
  /// - Returns: by task, the outputs [samples][outputs], and the labels as the task has them.
  package func answers(
    progress: (Int) throws -> Void = { _ in }
  ) throws -> (outputs: [[Float]], labels: [[Float]]) {
    var outputs = model.settings.tasks.map { _ in [Float]() }
    var labels = outputs
    var done = 0
    for split in filledSplits {
      let found = try model.measure(data, on: split, rule: AnswerRule()) {
        try progress(done + $0)
      }
      for task in outputs.indices {
        outputs[task] += found.outputs[task]
        labels[task] += found.labels[task]
      }
      done += split.sampleCount
    }
    return (outputs, labels)
  }
}
