import Experiment
import Files
import Reports
import Terminal

extension TrainingRun {
  /// Takes an epoch into the choices of the tasks, and stops the heads that are done.
  ///
  /// - Returns: the names of the tasks that the epoch is the best of, where their weights are kept.
  func chooseByTask(_ record: EpochRecord) -> [String] {
    guard var choices = progress.tasks else { return [] }
    let best = choices.indices.filter { choices[$0].add(record) }
    if let patience = settings.stopHead {
      for task in choices.indices where choices[task].stop(after: record.epoch, patience: patience)
      {
        stopHead(task)
      }
    }
    progress.tasks = choices
    return settings.bestPerTask ? best.map { settings.tasks[$0].name } : []
  }

  /// Trains a task no more: its head is frozen, and its loss has no part in the gradient of what the
  /// tasks share. The trunk is left to those that still learn; a loss that went on without its head
  /// would hold the trunk back for a task that does not improve.
  func stopHead(_ task: Int) {
    model.frozenHeads.insert(settings.tasks[task].name)
    balancer.stop(task)
  }

  /// Stops the heads that a checkpoint says are stopped.
  func stopHeads(of saved: TrainingProgress) {
    for (task, choice) in (saved.tasks ?? []).enumerated() where choice.stoppedAfter != nil {
      stopHead(task)
    }
  }

  /// A sentence for every head that was stopped after an epoch.
  func stopLines(after epoch: Int) -> [String] {
    zip(settings.tasks, progress.tasks ?? []).compactMap { task, choice in
      guard choice.stoppedAfter == epoch, let best = choice.best.entries.first else { return nil }
      let kept = settings.bestPerTask ? ", kept in best-\(task.name).safetensors" : ""
      return "head \(task.name) stopped after epoch \(epoch): its best \(task.mainFigure) is of "
        + "epoch \(best.epoch)\(kept)"
    }
  }

  /// Refuses choices by task where there is nothing to measure the tasks on.
  static func checkChoice(_ settings: TrainSettings, _ data: TrainingData) throws {
    guard settings.choosesByTask, data.validation == nil else { return }
    let what = settings.stopHead == nil ? "best_per_task keeps weights" : "stop_head stops heads"
    throw TrainingError(
      "\(what) by figures of the validation split, but \(data.store.path) has none; leave it out, or "
        + "build the store with a --validation above 0")
  }

  /// How the run chooses, in a few lines; none where it does as every run.
  func announceChoice() {
    let metric = progress.best.metric
    guard settings.choosesByTask || metric.name == FigureName.combinedScore else { return }
    log.note("best     by \(metric.name), \(metric.explanation)")
    guard settings.choosesByTask else { return }
    log.note("tasks    by \(settings.tasks.map(\.mainFigure).joined(separator: ", "))")
    if settings.bestPerTask { log.note("kept     best-NAME.safetensors of every task") }
    if let count = settings.stopHead {
      let epochs = count == 1 ? "1 epoch" : "\(count) epochs"
      log.note("stop     a task after \(epochs) without a better figure of its own")
    }
  }
}
