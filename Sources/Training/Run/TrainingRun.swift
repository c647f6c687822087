import Experiment
import Files
import Foundation
import Loader
import Network
import Reports
import Store
import Terminal
import Threads

/// A run from settings to trained weights.
///
/// ```swift
/// let run = try TrainingRun(settings, start: .new(overwrite: false))
/// let outcome = try run.train()
/// print(outcome.ending, outcome.best)
/// ```
///
/// What it computes depends on the settings alone, not on threads, on time, or on whether it was
/// stopped and resumed in between.
package final class TrainingRun {
  package enum Start: Sendable {
    case new(overwrite: Bool)
    case resume
  }

  package private(set) var settings: TrainSettings
  /// What the run's weights say of themselves, with everything resolved that came from the store.
  let about: WeightDescription
  /// The tasks as config.yaml has them: a range that comes from the store is left to it.
  let recordedTasks: [TaskSettings]
  package let folder: RunFolder
  /// Keeps every other process out of the folder.
  let claim: OutputFolder
  let data: TrainingData
  let model: HydraNet
  let optimizer: Optimizer
  let schedule: LearningRateSchedule
  let parts: TrainableParts
  /// The batches of the running optimizer step.
  var group = BatchGroup()
  let order: SampleOrder
  /// By task, the labels of the training split where steps are of several batches.
  let trainingLabels: [[Float]]
  /// Gradients of the tasks after the first, for methods that need each by itself.
  let taskGradients: [GradientArena]
  /// The averaged weights, where the settings ask for them.
  let average: WeightAverage?
  var balancer: TaskBalancer
  /// The combined score, where it says which epoch is best.
  let score: CombinedScore?
  var progress: TrainingProgress
  var meter: StepMeter
  var clock = RunClock(done: 0)
  /// This start, until it has saved something: one that fails before leaves the folder as it was.
  var session: RunSession?
  let line: ProgressLine
  let log: RunLog
  /// TensorBoard's event file, where the settings ask for one.
  var board: TensorBoardWriter?

  let batchesPerEpoch: Int
  let stepsPerEpoch: Int
  var totalBatches: Int { batchesPerEpoch * settings.epochs }
  /// Epochs that are complete.
  var epochsDone: Int { progress.batch / batchesPerEpoch }

  /// Opens the store, builds the network and, on resuming, takes up the last checkpoint.
  ///
  /// - Parameters:
  ///   - settings: `shards` must be set; a new run without `output` takes a free folder of
  ///     `data/runs`.
  ///   - quiet: whether nothing is written to standard error.
  /// - Throws: what is wrong with store, settings, weight files or the run's folder.
  package init(_ settings: TrainSettings, start: Start, quiet: Bool = false) throws {
    guard let shards = settings.shards else {
      throw TrainingError("no shard store was named; give --shards DIR")
    }
    data = try Self.data(settings, shards: shards, start)
    var settings = settings
    if settings.tasks.isEmpty {
      settings.tasks = data.tasks
      try settings.validate()
    }
    recordedTasks = settings.tasks
    let recipe = RecipeIdentity(document: settings.recipe.document)
    settings.tasks = data.tasks
    settings.normalize = try data.resolved(settings.normalize)
    self.settings = settings
    let train = try data.split("train")
    let counts = try data.classCounts(in: train)
    about = WeightDescription(
      settings: settings.withClassWeights(counts: counts), imageSize: data.imageSize,
      classNames: data.classNames, store: data.store.identity, recipe: recipe,
      trainingSources: SourceSample(of: try train.sources()))
    if let validation = data.validation { _ = try data.classCounts(in: validation) }
    order = try data.trainingOrder(settings)
    trainingLabels = settings.accumulate > 1 ? try data.trainingLabels() : []
    try data.checkSmallestBatch(settings)
    batchesPerEpoch = order.stepsPerEpoch
    stepsPerEpoch = (batchesPerEpoch + settings.accumulate - 1) / settings.accumulate
    schedule = LearningRateSchedule(
      settings.schedule, optimizer: settings.optimizer, stepsPerEpoch: stepsPerEpoch,
      epochs: settings.epochs)
    try Self.checkChoice(settings, data)
    score =
      try settings.bestMetric == FigureName.combinedScore
      ? data.validation.map { [data] in
        CombinedScore(settings.tasks, labels: try data.labels(in: $0))
      } : nil
    balancer = TaskBalancer(settings.balance, tasks: settings.tasks, seed: settings.seed)
    progress = TrainingProgress(
      sums: EpochSums(taskCount: settings.tasks.count), balancing: balancer.state,
      best: BestEpochs(
        by: BestMetric(settings.bestMetric, hasValidation: data.validation != nil)))
    if settings.choosesByTask { progress.tasks = settings.tasks.map(TaskChoice.init) }
    meter = StepMeter()
    log = RunLog(isQuiet: quiet)
    line = ProgressLine("train", total: nil, unit: "images", enabled: quiet ? false : nil)

    parts = try TrainableParts(settings)
    let pool = ThreadPool(
      threadCount: settings.threads ?? availableCoreCount(), name: "engine")
    model = try naming(shards) { [data] in
      try HydraNet(
        settings.modelConfiguration(counts: counts, precision: settings.precision),
        input: data.inputLayout(batchSize: settings.batchSize), pool: pool, seed: settings.seed)
    }
    parts.apply(to: model)
    optimizer = try parts.makeOptimizer(settings.optimizer, model: model)
    let separate = balancer.needsTaskGradients ? settings.tasks.count - 1 : 0
    taskGradients = try (0..<separate).map { [model] _ in try model.makeGradientArena() }

    switch start {
    case .new(let overwrite):
      if let file = settings.model.pretrained { log.note(try loadPretrained(file, into: model)) }
      average = try settings.ema.map { [model] _ in try model.makeAverage() }
      if let output = settings.output {
        folder = RunFolder(output)
        claim = try folder.claim(
          overwrite: overwrite, bestOf: settings.bestPerTask ? settings.tasks.map(\.name) : [])
      } else {
        (folder, claim) = try RunFolder.claimFree(for: shards)
        self.settings.output = folder.path
      }
      try folder.write(configurationText, to: folder.config)
    case .resume:
      guard let output = settings.output else {
        throw TrainingError("no run to resume was named; give --resume RUN")
      }
      folder = RunFolder(output)
      claim = try folder.claimToResume()
      average = try settings.ema.map { [model] _ in try model.makeAverage() }
      try restore()
    }
  }

  /// Opens the store. A run that is resumed needs its own: a new one would not do.
  private static func data(_ settings: TrainSettings, shards: String, _ start: Start) throws
    -> TrainingData
  {
    do {
      return try TrainingData(
        shards: shards, tasks: settings.tasks, fold: settings.fold)
    } catch let error as StoreError {
      guard case .resume = start, error.kind == .notAStore else { throw error }
      let place = URL(fileURLWithPath: shards).standardizedFileURL.path
      throw TrainingError(
        "the run's store is not at \(place); if it was moved, say so with --resume RUN --shards "
          + "DIR")
    }
  }

  /// How a run ended.
  package enum Ending: Equatable, Sendable {
    case finished
    /// No better figure for `patience` epochs, or every head is done.
    case stoppedEarly
    /// By a signal, after a checkpoint was saved.
    case interrupted
  }

  /// Trains until the last epoch, until patience runs out, or until a signal asks to stop.
  ///
  /// - Throws: `LossError` when a loss is no longer finite; the files of the last checkpoint are
  ///   then as they were. Otherwise what loader, engine or disk report.
  package func train() throws -> Ending { try train(stoppingAfter: nil) }

  /// - Parameter last: a step after which the run stops as if a signal had come.
  package func train(stoppingAfter last: Int?) throws -> Ending {
    guard !progress.stoppedEarly else { return .stoppedEarly }
    defer { line.finish() }
    let stream = try data.trainingStream(settings, steps: progress.batch..<totalBatches)
    if settings.tensorboard {
      board = try TensorBoardWriter(folder: folder.path, history: folder.records())
    }
    session = RunSession(threads: model.pool.threadCount, store: data.store.path)
    try announce()
    clock = RunClock(done: progress.batch)
    meter.begin(stream.statistics)
    while let batch = try stream.next() {
      let isStepDone = try train(on: batch)
      show(stream.statistics)
      if progress.batch % batchesPerEpoch == 0 {
        try endEpoch(stream.statistics)
        if progress.stoppedEarly { return .stoppedEarly }
        meter.begin(stream.statistics)
      } else if isStepDone, let every = settings.checkpointEvery, progress.step % every == 0 {
        try save()
      }
      guard isStepDone, progress.batch < totalBatches else { continue }
      if Interruption.isRequested || progress.step == last {
        try save()
        return .interrupted
      }
      if Interruption.takeSaveRequest() {
        try save()
        log.note("checkpoint saved after step \(progress.step)", line: line)
      }
    }
    return .finished
  }
}
