import DataLoading
import Foundation
import Pipelines
import TerminalOutput

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
    log.epoch(record, of: settings.epochs, tasks: settings.tasks, line: line)
    progress.sums = EpochSums(taskCount: settings.tasks.count)
    try keep(record)
  }

  private func validate() throws -> [String: Double] {
    guard let split = data.validation else { return [:] }
    let evaluator = Evaluator(data: data, settings: settings)
    return try withAveragedWeights { try evaluator.run(model, on: split).0.figures }
  }

  /// Writes everything that an epoch leaves behind. The record comes first: a run that dies before
  /// the checkpoint repeats the epoch and takes the record back.
  private func keep(_ record: EpochRecord) throws {
    let metric = settings.metricNames.first { $0.name == settings.bestMetric }
    let value = record.validation[settings.bestMetric] ?? record.train["loss"] ?? .nan
    let kept = progress.best.add(
      epoch: record.epoch, value: value, lessIsBetter: metric?.lessIsBetter ?? true,
      limit: settings.keepBest)
    if let patience = settings.patience, let best = progress.best.entries.first,
      record.epoch - best.epoch >= patience
    {
      progress.stoppedEarly = true
    }
    try folder.append(record)
    try board?.add(record.reported)
    try saveWeights(to: folder.last)
    if kept.isBest { try folder.link(folder.last, as: folder.best) }
    if settings.keepBest > 1, kept.isKept {
      try folder.link(folder.last, as: folder.weights(ofEpoch: record.epoch))
    }
    for epoch in kept.dropped { folder.remove(folder.weights(ofEpoch: epoch)) }
    try saveCheckpoint()
  }

  /// Draws the progress line.
  func show(_ statistics: LoaderStatistics) {
    guard line.isEnabled else { return }
    line.update(done: progress.batch * settings.batchSize, detail: detail(statistics))
  }

  private func detail(_ statistics: LoaderStatistics) -> String {
    let losses = zip(settings.tasks, meter.recentLosses).map { "\($0.name) \(fixed($1, 3))" }
    let epoch = min(settings.epochs, epochsDone + 1)
    return
      "epoch \(epoch)/\(settings.epochs)  step \(grouped(progress.step))  "
      + losses.joined(separator: "  ") + "  wait \(percent(meter.wait(statistics)))"
  }
}
