import Experiment
import Files
import Foundation
import PipelineFiles
import Reports
import Terminal
import WeightFiles

/// A run as its files tell it: what its page and its model card are made of, at any time.
struct RunFiles {
  let folder: RunFolder
  /// The text of config.yaml, and what it says.
  let configuration: String
  let settings: TrainSettings
  let history: RunHistory
  let sessions: [RunSession]
  let bestMetric: BestMetric
  /// The epoch whose weights are in best.safetensors.
  let best: EpochRecord
  let weights: TensorFile
  let weightsSHA256: String
  /// What the weights say of themselves.
  let about: WeightDescription
  /// Whether patience ran out or every head was stopped; nil where no checkpoint says so.
  private let stoppedEarly: Bool?

  /// - Throws: `FileError`, `PipelineError` or `TrainingError` for a folder that is not a run's, or
  ///   of a run without a finished epoch.
  init(_ folder: RunFolder) throws {
    guard isFolder(folder.path) else {
      throw TrainingError(
        "\(folder.path) is not the folder of a run; give the one that holds its config.yaml")
    }
    self.folder = folder
    configuration = String(decoding: try readFile(folder.config, limit: 1 << 20), as: UTF8.self)
    settings = try Pipeline(yaml: configuration, file: folder.config).train
    history =
      exists(folder.metrics) ? try RunHistory(path: folder.metrics) : RunHistory(epochs: [])
    bestMetric = BestMetric(
      settings.bestMetric, hasValidation: history.epochs.contains { !$0.validation.isEmpty })
    guard let best = bestMetric.best(of: history.epochs) else {
      throw TrainingError(
        "\(folder.path) has no finished epoch yet, so there is nothing to report; go on with it by "
          + "hydra-train --resume \(folder.path)")
    }
    self.best = best
    // A page needs no checkpoint, so one that is gone or damaged does not matter.
    let progress = (try? TensorFile.read(folder.checkpoint))?.metadata[checkpointProgressKey]
      .flatMap { try? JSONDecoder().decode(TrainingProgress.self, from: Data($0.utf8)) }
    stoppedEarly = progress?.stoppedEarly
    sessions = try folder.readSessions()
    weights = try TensorFile.read(folder.best)
    weightsSHA256 = try Calibration.sha256(ofWeights: folder.best)
    guard let about = try WeightDescription(weights) else {
      throw TrainingError(
        "\(folder.best) does not say what it was trained on, so it is not of a run; give a folder "
          + "that hydra-train wrote")
    }
    self.about = about
  }

  /// Such as `utkface-32-1`.
  var name: String {
    URL(fileURLWithPath: folder.path).standardizedFileURL.lastPathComponent
  }

  /// The store's path, as the run last used it; nil where its files do not say.
  var store: String? { sessions.last?.store ?? settings.shards }

  /// A sentence about a run that has epochs left; nil for one that has ended.
  var unfinished: String? {
    let done = history.epochs.last?.epoch ?? 0
    let isOutOfPatience = settings.patience.map { done - best.epoch >= $0 } ?? false
    guard done < settings.epochs, !(stoppedEarly ?? isOutOfPatience) else { return nil }
    return
      "The run is not finished: \(done) of \(settings.epochs) epochs are done, and the figures are of "
      + "those."
  }

  /// Where the run comes from, in full.
  var provenance: [RunReportInput.Fact] {
    var facts: [RunReportInput.Fact] = []
    func add(_ label: String, _ text: String?) {
      if let text, !text.isEmpty { facts.append(.init(label, text)) }
    }
    add("Weights, SHA-256", weightsSHA256)
    add("Recipe, SHA-256", about.recipe?.sha256)
    add("Store", store)
    add("Store's content, SHA-256", about.store?.contentSHA256)
    add("Store's metadata, SHA-256", about.store?.metadataSHA256)
    add("Trained by", distinct(sessions.map(\.program)))
    add("Machine", distinct(sessions.map(machine)))
    add("Started", sessions.first?.started)
    if sessions.count > 1, let last = sessions.last {
      let times = sessions.count == 2 ? "once" : "\(sessions.count - 1) times, the last"
      add("Resumed", "\(times) at \(last.started)")
    }
    let count = history.epochs.count
    add(
      "Training time",
      history.seconds.map {
        "\(durationText(seconds: $0)) for \(count) \(count == 1 ? "epoch" : "epochs"), with validation"
      })
    return facts
  }

  private func machine(_ session: RunSession) -> String {
    "\(session.processor ?? "a processor without a name"), \(session.cores) cores, "
      + "\(session.threads) \(session.threads == 1 ? "thread" : "threads")"
  }

  /// The texts in their order, each once.
  private func distinct(_ texts: [String]) -> String {
    texts.enumerated().filter { !texts[..<$0.offset].contains($0.element) }.map(\.element)
      .joined(separator: "; ")
  }
}
