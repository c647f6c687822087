import Experiment
import Files
import Foundation
import Network
import PipelineFiles
import Store
import Tensors
import WeightFiles

/// The metadata key of a run's progress, which checkpoints alone have.
let checkpointProgressKey = "hydranet.progress"

extension TrainingRun {
  private static let checksumKey = "hydranet.checksum"
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
    let own = [
      checkpointProgressKey: text, Self.checksumKey: checkpointChecksum(tensors, progress: text),
    ]
    try SafetensorsWriter.write(
      tensors, metadata: about.metadata.merging(own) { $1 }, to: folder.checkpoint)
    try claim.commit()
    if let session { try folder.append(session) }
    session = nil
  }

  /// The settings as config.yaml has them.
  var configurationText: String {
    var settings = settings
    settings.tasks = recordedTasks
    return settings.document
  }

  /// Puts the weights of a file of this run into the network.
  func loadWeights(_ path: String) throws {
    _ = try naming(path) { try model.importTensors(TensorFile.read(path).states(prefix: "")) }
  }

  /// Takes up the checkpoint of the run's folder.
  ///
  /// - Throws: `TrainingError` if there is none or it is of another run, `FileError` if it is
  ///   damaged.
  func restore() throws {
    guard Files.exists(folder.checkpoint) else {
      throw TrainingError(
        "\(folder.path) holds no checkpoint to resume from; start the run anew with --output "
          + "\(folder.path) --force")
    }
    let file = try TensorFile.read(folder.checkpoint)
    guard let text = file.metadata[checkpointProgressKey],
      let checksum = file.metadata[Self.checksumKey]
    else {
      throw TrainingError(
        "\(folder.checkpoint) is not a checkpoint of this run; resume with the files that the run "
          + "itself wrote")
    }
    guard checksum == checkpointChecksum(file.tensors, progress: text) else {
      throw TrainingError(
        "\(folder.checkpoint) is damaged: its bytes are not those that its checksum was made of; "
          + "start a new run from its weights with --pretrained \(folder.last)")
    }
    try checkStore(WeightDescription.store(in: file.metadata))
    guard let saved = try? JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8)) else {
      throw TrainingError(
        "\(folder.checkpoint) is not a checkpoint of this version; start a new run from its weights "
          + "with --pretrained \(folder.last)")
    }
    let recorded = try Pipeline(contentsOf: folder.config).train
    guard recorded.bestPerTask == settings.bestPerTask else {
      throw TrainingError(
        "\(folder.path) was begun \(recorded.bestPerTask ? "with" : "without") best_per_task, and "
          + "cannot continue otherwise: leave out --\(recorded.bestPerTask ? "no-" : "")best-per-task, "
          + "or start a new run")
    }
    if let problem = misfit(saved) { throw TrainingError("\(folder.checkpoint) \(problem)") }
    guard saved.best.metric == progress.best.metric else {
      throw TrainingError(
        "\(folder.path) chose its best epochs by \(saved.best.metric.name), and cannot continue by "
          + "\(progress.best.metric.name): leave out --best-metric, or start a new run")
    }
    stopHeads(of: saved)
    try naming(folder.checkpoint) {
      _ = try model.importTensors(file.states(prefix: Self.weightPrefix))
      try optimizer.importState(file.states(prefix: Self.optimizerPrefix))
      try average?.importTensors(file.states(prefix: Self.averagePrefix))
    }
    try balancer.restore(saved.balancing)
    progress = saved
    try extend(recorded)
    for path in try claim.ownFiles() where AtomicFile.isTemporary(path) {
      try removeFile("\(folder.path)/\(path)")
    }
    try folder.keepRecords(upToEpoch: epochsDone)
  }

  /// Refuses to go on with other photographs or labels: what was trained on would be measured.
  private func checkStore(_ recorded: StoreIdentity?) throws {
    let store = data.store
    guard let recorded else {
      log.note("note: the checkpoint does not say its store; make sure that it is this one")
      return
    }
    if recorded.contentSHA256 == nil || store.identity.contentSHA256 == nil {
      log.note(
        "note: a store of format version 1 is known by its metadata alone: a copy with another "
          + "codec or shard size counts as a different store")
    }
    guard !recorded.hasSameContent(as: store.identity) else { return }
    let moved = store.splits.map(\.name).filter {
      recorded.hasSameMembers(as: store.identity, split: $0) == false
    }
    let difference =
      moved.isEmpty
      ? "its size, labels or order" : "the photographs in \(moved.joined(separator: " and "))"
    throw TrainingError(
      "\(store.path) is not the store that \(folder.path) was trained on: \(difference) differ; give "
        + "the run's own store with --shards DIR, or start a new run")
  }

  /// Takes up a number of epochs that is not the one that the run was begun with: writes it into
  /// the run's configuration, and says what it does to the learning rate.
  private func extend(_ before: TrainSettings) throws {
    guard before.epochs != settings.epochs else { return }
    guard balancer.hasWork else {
      throw TrainingError(
        "every head of \(folder.path) is stopped, so more epochs would train nothing; leave out "
          + "--epochs, or start a new run without --stop-head")
    }
    progress.stoppedEarly = false
    try folder.write(configurationText, to: folder.config)
    var text = "epochs   \(settings.epochs) instead of \(before.epochs)"
    if [.cosine, .oneCycle].contains(settings.schedule.name), progress.batch < totalBatches {
      let old = LearningRateSchedule(
        before.schedule, optimizer: before.optimizer, stepsPerEpoch: stepsPerEpoch,
        epochs: before.epochs)
      let next = progress.step
      text +=
        "; the \(settings.schedule.name.rawValue) schedule is computed anew for them, so the learning "
        + "rate goes on at \(Float(schedule.rate(at: next))) instead of \(Float(old.rate(at: next)))"
    }
    log.note(text)
  }

  /// Why progress from a file is not one that this run could have made; nil where it is.
  private func misfit(_ saved: TrainingProgress) -> String? {
    let tasks = settings.tasks.count
    guard saved.sums.losses.count == tasks, saved.sums.weights.count == tasks,
      saved.sums.lossWeights.count == tasks
    else {
      return
        "has \(saved.sums.losses.count) tasks, but the configuration has \(tasks); resume with "
        + "the config.yaml that the run itself wrote"
    }
    let (epochs, rest) = saved.batch.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let choices = saved.tasks ?? []
    guard choices.count == progress.tasks?.count ?? 0,
      zip(choices, settings.tasks).allSatisfy({ $0.fits($1, epochs: epochs) })
    else {
      return
        "does not have the best epochs of the tasks that the configuration asks for; resume with "
        + "the config.yaml that the run itself wrote"
    }
    guard saved.step == epochs * stepsPerEpoch + rest / settings.accumulate,
      (0...batchesPerEpoch * settings.batchSize).contains(saved.sums.images),
      (0...batchesPerEpoch).contains(saved.sums.batches),
      saved.best.entries.allSatisfy({ (1...max(1, epochs)).contains($0.epoch) })
    else {
      return
        "is after \(saved.batch) batches and \(saved.step) steps, which does not fit the store "
        + "\(data.store.path) with its \(batchesPerEpoch) batches an epoch; resume with the store "
        + "that the run was trained on"
    }
    guard (0...totalBatches).contains(saved.batch) else {
      return "is after \(epochs) epochs, more than the \(settings.epochs) asked for; give --epochs "
        + "\(epochs) or more"
    }
    return nil
  }

  /// Runs `body` with the averaged weights in the network, where there are any.
  func withAveragedWeights<Result>(_ body: () throws -> Result) throws -> Result {
    guard let average else { return try body() }
    return try model.withAverage(average, body)
  }
}
