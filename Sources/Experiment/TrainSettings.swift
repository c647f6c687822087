import Terminal

/// The `train:` section of a pipeline: the model, its tasks, and how it is trained.
///
/// A new value is a recipe that trains well on small images. Reading a file changes what the file names; flags are
/// assigned on top; `validate` checks the result.
package struct TrainSettings: Equatable, Sendable {
  /// Folder of the shard store.
  package var shards: String?
  /// Folder that the run writes.
  package var output: String?
  package var model = ModelSettings()
  /// Empty for every label column of the store, which a run writes out when it opens the store.
  package var tasks: [TaskSettings] = []
  package var epochs = 10
  /// Images in a batch; an optimizer step sees `batchSize · accumulate`.
  package var batchSize = 128
  package var optimizer = OptimizerSettings()
  package var schedule = ScheduleSettings()
  package var augment = AugmentSettings()
  package var normalize = Normalization.imagenet
  package var balance = BalanceSettings()
  /// The fold of the store's training split that validates; nil for the store's own splits.
  package var fold: Int?
  package var seed: UInt64 = 42
  /// Of the products of training passes.
  package var precision = TrainingPrecision.f32
  /// Threads of the engine; nil for as many as the process has cores.
  package var threads: Int?
  /// Threads of the loader; nil for the loader's own choice.
  package var loaderThreads: Int?
  /// Whether the last batch of an epoch is trained on although it is not full.
  package var keepLastBatch = false
  /// Bound of the gradient's L2 norm over all parameters.
  package var clipNorm: Double?
  /// Batches whose gradients are averaged before an optimizer step.
  package var accumulate = 1
  /// Decay of the exponential moving average of the weights.
  package var ema: Double?
  /// Parts that are not trained: `trunk`, `heads`, `heads.NAME`; of an MTAN also `encoders`, which
  /// the tasks share, and a head's part includes the task's attention.
  package var freeze: [String] = []
  /// The only parts that are trained; empty for all.
  package var trainOnly: [String] = []
  /// Factors of the learning rate by part.
  package var lrFactors: [String: Double] = [:]
  /// Optimizer steps between checkpoints, besides the one after each epoch.
  package var checkpointEvery: Int?
  /// How many checkpoints with the best metric are kept.
  package var keepBest = 1
  /// The validation figure that says which epoch is best.
  package var bestMetric = "loss"
  /// Whether the weights with the best figure of each task are kept too.
  package var bestPerTask = false
  /// Epochs without a better metric after which a run ends.
  package var patience: Int?
  /// Epochs without a better figure of a task after which its head is stopped.
  package var stopHead: Int?
  /// Megabytes of decoded pixels that may be kept in memory; nil lets the loader choose.
  package var cacheMegabytes: Int?
  /// Whether TensorBoard event files are written.
  package var tensorboard = false

  package init() {}

  /// Whether a run follows the best epoch of every task.
  package var choosesByTask: Bool { bestPerTask || stopHead != nil }

  /// The parts that `freeze`, `trainOnly` and `lrFactors` can name.
  package var partNames: [String] {
    ["trunk"] + (model.name == .mtan ? ["encoders"] : []) + ["heads"]
      + tasks.map { "heads.\($0.name)" }
  }

  /// The validation figures that can tell which epoch is best.
  package var metricNames: [String] {
    ["loss", FigureName.combinedScore] + tasks.map(\.mainFigure)
  }
}

extension TrainSettings {
  /// Changes the factor of one task's loss.
  ///
  /// - Throws: `PipelineError` if there is no such task, with the nearest name.
  package mutating func setWeight(ofTask name: String, to weight: Double) throws {
    guard let index = tasks.firstIndex(where: { $0.name == name }) else {
      let names = tasks.map(\.name)
      throw PipelineError(
        key: "train.tasks", expected: "one of " + names.joined(separator: ", "), got: quoted(name),
        hint: nearestName(to: name, in: names).map { "did you mean \($0)?" })
    }
    tasks[index].weight = weight
  }
}
