extension TrainSettings {
  /// Checks ranges, names and how settings fit together.
  ///
  /// What depends on the tasks is checked once they are known: `tasks` may be empty until a store
  /// is opened.
  ///
  /// - Throws: `PipelineError` for the first value that is refused.
  package func validate(_ checks: SettingChecks = .flags) throws {
    try Self.table.check(self, checks, path: "train")
    if optimizer.nesterov, optimizer.name != .sgd || optimizer.momentum == 0 {
      throw checks.error(
        "train.optimizer.nesterov", expected: "false without SGD's momentum", got: "true")
    }
    if schedule.name == .oneCycle, schedule.warmupEpochs > 0 {
      throw checks.error(
        "train.schedule.warmup_epochs", expected: "0 for one_cycle, which has its own rise",
        got: "\(schedule.warmupEpochs)", hint: "set percent_start")
    }
    if case .values(let statistics) = normalize { try statistics.validate(checks) }
    if !freeze.isEmpty, !trainOnly.isEmpty {
      throw checks.error(
        "train.train_only", expected: "either freeze or train_only", got: "both")
    }
    guard !tasks.isEmpty else { return }
    try validateTasks(checks)
    try checks.names("train.freeze", freeze, in: partNames, "parts of")
    try checks.names("train.train_only", trainOnly, in: partNames, "parts of")
    try checks.names("train.lr_factors", lrFactors.keys.sorted(), in: partNames, "parts of")
    try checks.names("train.best_metric", [bestMetric], in: metricNames, "one of")
  }

  private func validateTasks(_ checks: SettingChecks) throws {
    var names: Set<String> = []
    for (index, task) in tasks.enumerated() {
      try task.validate("train.tasks[\(index)]", checks)
      guard names.insert(task.name).inserted else {
        throw checks.error(
          "train.tasks[\(index)].name", expected: "different names", got: "\(task.name) again")
      }
    }
    guard tasks.contains(where: { $0.weight > 0 }) else {
      throw checks.error("train.tasks", expected: "a task with a weight above 0", got: "none")
    }
  }
}

extension ChannelStatistics {
  fileprivate func validate(_ checks: SettingChecks) throws {
    guard mean.count == 3, mean.allSatisfy({ (-10...10).contains($0) }) else {
      throw checks.error(
        "train.normalize.mean", expected: "three numbers from -10 to 10", got: "\(mean)")
    }
    guard deviation.count == 3, deviation.allSatisfy({ (1e-6...100).contains($0) }) else {
      throw checks.error(
        "train.normalize.std", expected: "three numbers from 1e-06 to 100", got: "\(deviation)")
    }
  }
}
