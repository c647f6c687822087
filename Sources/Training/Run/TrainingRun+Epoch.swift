import Experiment
import Files
import Foundation
import Loader
import Reports
import Terminal

extension TrainingRun {
  /// Validates, logs the epoch, and saves weights and checkpoint.
  func endEpoch(_ statistics: LoaderStatistics) throws {
    let speed = meter.end(statistics)
    let start = ContinuousClock.now
    let epoch = epochsDone
    balancer.endEpoch(meanLosses: progress.sums.meanLosses.map { Float($0) })
    let validation = try validate()
    let record = EpochRecord(
      epoch: epoch, step: progress.step, learningRate: schedule.rate(at: progress.step - 1),
      train: progress.sums.figures(settings.tasks), validation: validation,
      imagesPerSecond: speed.imagesPerSecond, dataWait: speed.dataWait,
      seconds: speed.seconds + (ContinuousClock.now - start) / .seconds(1))
    progress.sums = EpochSums(taskCount: settings.tasks.count)
    let (isBest, bestTasks) = try keep(record)
    log.note(epochLines.row(record, isBest: isBest, bestOf: bestTasks), line: line)
    for text in stopLines(after: epoch) { log.note(text, line: line) }
  }

  private func validate() throws -> [String: Double] {
    guard let split = data.validation else { return [:] }
    let evaluator = Evaluator(data: data, settings: settings)
    var figures = try withAveragedWeights { try evaluator.run(model, on: split).0.figures }
    if let score { figures[FigureName.combinedScore] = score.value(of: figures) }
    return figures
  }

  /// Writes everything that an epoch leaves behind. The record comes first: a run that dies before
  /// the checkpoint repeats the epoch and takes the record back.
  ///
  /// - Returns: whether the epoch is the best so far, and the names of the tasks that it is the best
  ///   of, where their weights are kept.
  private func keep(_ record: EpochRecord) throws -> (isBest: Bool, tasks: [String]) {
    let kept = progress.best.add(record, limit: settings.keepBest)
    let bestTasks = chooseByTask(record)
    if let patience = settings.patience, let best = progress.best.entries.first,
      record.epoch - best.epoch >= patience
    {
      progress.stoppedEarly = true
    }
    if !balancer.hasWork { progress.stoppedEarly = true }
    try folder.append(record)
    try board?.add(record)
    try saveWeights(to: folder.last)
    if kept.isBest { try AtomicFile.link(folder.last, as: folder.best) }
    for name in bestTasks { try AtomicFile.link(folder.last, as: folder.best(ofTask: name)) }
    if settings.keepBest > 1, kept.isKept {
      try AtomicFile.link(folder.last, as: folder.weights(ofEpoch: record.epoch))
    }
    for epoch in kept.dropped { try removeFile(folder.weights(ofEpoch: epoch)) }
    try saveCheckpoint()
    return (kept.isBest, bestTasks)
  }

  var epochLines: EpochLines {
    EpochLines(
      tasks: settings.tasks, epochs: settings.epochs, hasValidation: data.validation != nil,
      hasScore: score != nil)
  }

  /// What the run is about, in a few lines before its first epoch.
  func announce() throws {
    let size = data.imageSize
    let images = try data.split("train").sampleCount
    let validation = data.validation.map { ", \(grouped($0.sampleCount)) to validate on" } ?? ""
    log.note("run      \(visible(folder.path))")
    log.note(
      "network  \(settings.model.title) for "
        + settings.tasks.map(\.name).joined(separator: ", ")
        + ", \(fixed(Double(model.parameterCount) / 1e6, 1)) M parameters")
    log.note("store    \(visible(data.store.path))")
    log.note(
      "images   \(grouped(images)) of \(size)×\(size) in batches of \(settings.batchSize)"
        + validation)
    if progress.best.metric.name != settings.bestMetric {
      log.note(
        "best     by \(progress.best.metric.name): the store has no validation split to measure "
          + "\(settings.bestMetric) on")
    } else {
      announceChoice()
    }
    if progress.batch > 0 { log.note("resumed  after step \(grouped(progress.step))") }
    log.note("")
    log.note(epochLines.header)
  }

  /// Draws the progress line.
  func show(_ statistics: LoaderStatistics) {
    line.update { trainingLine(statistics).fitted }
  }

  private func trainingLine(_ statistics: LoaderStatistics) -> TrainingLine {
    let losses = meter.recentLosses
    let speed = meter.end(statistics)
    return TrainingLine(
      epoch: min(settings.epochs, epochsDone + 1), epochs: settings.epochs, step: progress.step,
      steps: stepsPerEpoch * settings.epochs, imagesPerSecond: speed.imagesPerSecond,
      dataWait: speed.dataWait,
      losses: zip(settings.tasks, losses).map { ($0.name, $1) },
      total: zip(settings.tasks, losses).enumerated().reduce(0) { sum, next in
        let (task, loss) = next.element
        return balancer.remaining.contains(next.offset) ? sum + task.weight * loss : sum
      },
      secondsLeft: clock.secondsLeft(done: progress.batch, of: totalBatches))
  }
}

/// The time a run takes to its end, validation and saving included, at its pace so far.
struct RunClock {
  private let start = ContinuousClock.now
  private let doneBefore: Int

  /// - Parameter done: what an earlier run had done.
  init(done: Int) { doneBefore = done }

  func secondsLeft(done: Int, of total: Int) -> Double? {
    guard done > doneBefore else { return nil }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return seconds / Double(done - doneBefore) * Double(total - done)
  }
}
