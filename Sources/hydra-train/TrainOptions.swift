import ArgumentParser
import Experiment

/// The flags that override a pipeline's `train:` section, one to one.
struct RecipeOptions: ParsableArguments {
  @Option(help: "Passes over the training images.")
  var epochs: Int?

  @Option(help: "Images in a batch.")
  var batchSize: Int?

  @Option(help: "Learning rate; the peak with --schedule one_cycle.")
  var lr: Double?

  @Option(help: "The optimiser.")
  var optimizer: OptimizerSettings.Name?

  @Option(help: "SGD's momentum.")
  var momentum: Double?

  @Option(help: "L2 penalty (sgd) or decoupled decay (adamw).")
  var weightDecay: Double?

  @Flag(inversion: .prefixedNo, help: "Nesterov's momentum.")
  var nesterov: Bool?

  @Option(help: "How the learning rate changes over the run.")
  var schedule: ScheduleSettings.Name?

  @Option(help: ArgumentHelp("Epochs of linear warm-up.", valueName: "epochs"))
  var warmup: Double?

  @Flag(inversion: .prefixedNo, help: "Mirror half of the images.")
  var flip: Bool?

  @Option(help: ArgumentHelp("Random crops after padding by so much.", valueName: "pixels"))
  var cropPadding: Int?

  @Option(help: "Mean and deviation that pixels are normalised with.")
  var normalize: NormalizeArgument?

  @Option(help: "How the tasks' losses are weighed.")
  var balance: BalanceSettings.Method?

  @Option(help: ArgumentHelp("Factor of a task's loss; repeatable.", valueName: "task=factor"))
  var taskWeight: [NamedNumber] = []

  @Option(help: "The network.")
  var model: NetworkKind?

  @Option(help: "Depth of the ResNet trunk.")
  var depth: TrunkArchitecture?

  @Option(
    help: ArgumentHelp("Start from these weights (.pth, .safetensors).", valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var pretrained: String?

  @Option(
    help: ArgumentHelp("Do not train trunk, encoders, heads or heads.NAME.", valueName: "part"))
  var freeze: [String] = []

  @Option(help: ArgumentHelp("Train this part alone; repeatable.", valueName: "part"))
  var trainOnly: [String] = []

  @Option(help: ArgumentHelp("Factor of a part's learning rate.", valueName: "part=factor"))
  var lrFactor: [NamedNumber] = []

  @Option(help: ArgumentHelp("Bound of the gradient's L2 norm.", valueName: "norm"))
  var clipNorm: Double?

  @Option(help: ArgumentHelp("Batches per optimiser step.", valueName: "batches"))
  var accumulate: Int?

  @Option(help: ArgumentHelp("Average the weights with this decay, such as 0.999."))
  var ema: Double?

  @Option(help: "Seed of initial weights, order, augmentation and random task weights.")
  var seed: UInt64?

  /// - Throws: `PipelineError` for a task that is not there.
  func apply(to train: inout TrainSettings) throws {
    if let epochs { train.epochs = epochs }
    if let batchSize { train.batchSize = batchSize }
    if let lr { train.optimizer.lr = lr }
    if let optimizer { train.optimizer.name = optimizer }
    if let momentum { train.optimizer.momentum = momentum }
    if let weightDecay { train.optimizer.weightDecay = weightDecay }
    if let nesterov { train.optimizer.nesterov = nesterov }
    if let schedule { train.schedule.name = schedule }
    if let warmup { train.schedule.warmupEpochs = warmup }
    if let flip { train.augment.flip = flip }
    if let cropPadding { train.augment.cropPadding = cropPadding }
    if let normalize { train.normalize = normalize == .imagenet ? .imagenet : .dataset }
    if let balance { train.balance.method = balance }
    for weight in taskWeight { try train.setWeight(ofTask: weight.name, to: weight.value) }
    if let model { train.model.name = model }
    if let depth { train.model.trunk = depth }
    if let pretrained { train.model.pretrained = pretrained }
    if !freeze.isEmpty { train.freeze = freeze }
    if !trainOnly.isEmpty { train.trainOnly = trainOnly }
    for factor in lrFactor { train.lrFactors[factor.name] = factor.value }
    if let clipNorm { train.clipNorm = clipNorm }
    if let accumulate { train.accumulate = accumulate }
    if let ema { train.ema = ema }
    if let seed { train.seed = seed }
  }
}

/// Flags that say how a run goes about it, not what it computes.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads of the engine; all cores if not given."))
  var threads: Int?

  @Option(help: ArgumentHelp("Threads of the loader."))
  var loaderThreads: Int?

  @Option(help: ArgumentHelp("Decoded pixels to keep in memory.", valueName: "megabytes"))
  var cache: Int?

  @Option(help: ArgumentHelp("Save a checkpoint every so many steps.", valueName: "steps"))
  var checkpointEvery: Int?

  @Option(help: ArgumentHelp("Keep the weights of the best so many epochs.", valueName: "count"))
  var keepBest: Int?

  @Option(help: ArgumentHelp("What says which epoch is best: loss, age_mae, race_accuracy, …"))
  var bestMetric: String?

  @Option(
    help: ArgumentHelp("Stop after so many epochs without a better one.", valueName: "epochs"))
  var patience: Int?

  @Flag(inversion: .prefixedNo, help: "Write TensorBoard event files.")
  var tensorboard: Bool?

  func apply(to train: inout TrainSettings) {
    if let threads { train.threads = threads }
    if let loaderThreads { train.loaderThreads = loaderThreads }
    if let cache { train.cacheMegabytes = cache }
    if let checkpointEvery { train.checkpointEvery = checkpointEvery }
    if let keepBest { train.keepBest = keepBest }
    if let bestMetric { train.bestMetric = bestMetric }
    if let patience { train.patience = patience }
    if let tensorboard { train.tensorboard = tensorboard }
  }
}
