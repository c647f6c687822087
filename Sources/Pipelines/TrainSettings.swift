/// The `train:` section of a pipeline: the model, its tasks, and how it is trained.
///
/// A new value is the article's recipe. Reading a file changes what the file names; flags are
/// assigned on top; `validate` checks the result.
public struct TrainSettings: Equatable, Sendable {
  /// Folder of the shard store.
  public var shards: String?
  /// Folder that the run writes.
  public var output: String?
  public var model = ModelSettings()
  public var tasks = TaskSettings.article
  public var epochs = 10
  /// Images in a batch; an optimiser step sees `batchSize · accumulate`.
  public var batchSize = 64
  public var optimizer = OptimizerSettings()
  public var schedule = ScheduleSettings()
  public var augment = AugmentSettings()
  public var normalize = Normalization.imagenet
  public var balance = BalanceSettings()
  public var seed: UInt64 = 42
  /// Threads of the engine; nil for as many as the process has cores.
  public var threads: Int?
  /// Threads of the loader; nil for the loader's own choice.
  public var loaderThreads: Int?
  /// Whether the last batch of an epoch is trained on although it is not full.
  public var keepLastBatch = false
  /// Bound of the gradient's L2 norm over all parameters.
  public var clipNorm: Double?
  /// Batches whose gradients are averaged before an optimiser step.
  public var accumulate = 1
  /// Decay of the exponential moving average of the weights.
  public var ema: Double?
  /// Parts that are not trained: `trunk`, `heads`, `heads.NAME`; of an MTAN also `encoders`, which
  /// the tasks share, and a head's part includes the task's attention.
  public var freeze: [String] = []
  /// The only parts that are trained; empty for all.
  public var trainOnly: [String] = []
  /// Factors of the learning rate by part.
  public var lrFactors: [String: Double] = [:]
  /// Optimiser steps between checkpoints, besides the one after each epoch.
  public var checkpointEvery: Int?
  /// How many checkpoints with the best metric are kept.
  public var keepBest = 1
  /// The validation figure that says which epoch is best.
  public var bestMetric = "loss"
  /// Epochs without a better metric after which a run ends.
  public var patience: Int?
  /// Megabytes of decoded pixels that may be kept in memory; nil lets the loader choose.
  public var cacheMegabytes: Int?
  /// Whether TensorBoard event files are written.
  public var tensorboard = false

  public init() {}

  /// The parts that `freeze`, `trainOnly` and `lrFactors` can name.
  public var partNames: [String] {
    ["trunk"] + (model.name == .mtan ? ["encoders"] : []) + ["heads"]
      + tasks.map { "heads.\($0.name)" }
  }

  /// The validation figures that can tell which epoch is best, and whether less is better.
  public var metricNames: [(name: String, lessIsBetter: Bool)] {
    [("loss", true)]
      + tasks.map {
        $0.kind == .regression ? ("\($0.name)_mae", true) : ("\($0.name)_accuracy", false)
      }
  }
}

extension TrainSettings {
  /// Changes the factor of one task's loss.
  ///
  /// - Throws: `PipelineError` if there is no such task, with the nearest name.
  public mutating func setWeight(ofTask name: String, to weight: Double) throws {
    guard let index = tasks.firstIndex(where: { $0.name == name }) else {
      let names = tasks.map(\.name)
      throw PipelineError(
        key: "train.tasks", expected: "one of " + names.joined(separator: ", "), got: quoted(name),
        hint: nearestName(to: name, in: names).map { "did you mean \($0)?" })
    }
    tasks[index].weight = weight
  }
}
