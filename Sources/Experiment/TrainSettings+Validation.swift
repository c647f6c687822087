extension TrainSettings {
  /// Checks ranges, names and how settings fit together.
  ///
  /// - Throws: `PipelineError` for the first value that is refused.
  package func validate(_ checks: SettingChecks = .flags) throws {
    try validateTasks(checks)
    try checks.range("train.epochs", epochs, 1...100_000)
    try checks.range("train.batch_size", batchSize, 1...65_536)
    try optimizer.validate(checks)
    try schedule.validate(checks)
    try checks.range("train.augment.crop_padding", augment.cropPadding, 0...64)
    try normalize.validate(checks)
    try balance.validate(checks)
    if let threads { try checks.range("train.threads", threads, 1...1024) }
    if let loaderThreads { try checks.range("train.loader_threads", loaderThreads, 1...256) }
    if let clipNorm { try checks.positive("train.clip_norm", clipNorm) }
    try checks.range("train.accumulate", accumulate, 1...65_536)
    if let ema { try checks.range("train.ema", ema, 0..<1) }
    try validateParts(checks)
    if let checkpointEvery {
      try checks.range("train.checkpoint_every", checkpointEvery, 1...1_000_000_000)
    }
    try checks.range("train.keep_best", keepBest, 1...1000)
    if let patience { try checks.range("train.patience", patience, 1...100_000) }
    if let cacheMegabytes { try checks.range("train.cache_megabytes", cacheMegabytes, 0...1 << 20) }
    let metrics = metricNames
    guard metrics.contains(bestMetric) else {
      throw checks.error(
        "train.best_metric", expected: "one of " + metrics.joined(separator: ", "),
        got: quoted(bestMetric),
        hint: nearestName(to: bestMetric, in: metrics).map { "did you mean \($0)?" })
    }
  }

  private func validateTasks(_ checks: SettingChecks) throws {
    guard (1...64).contains(tasks.count) else {
      throw checks.error("train.tasks", expected: "1 to 64 tasks", got: "\(tasks.count)")
    }
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

  private func validateParts(_ checks: SettingChecks) throws {
    let known = partNames
    func check(_ key: String, _ names: [String]) throws {
      for name in names where !known.contains(name) {
        throw checks.error(
          key, expected: "parts of " + known.joined(separator: ", "), got: quoted(name),
          hint: nearestName(to: name, in: known).map { "did you mean \($0)?" })
      }
    }
    try check("train.freeze", freeze)
    try check("train.train_only", trainOnly)
    try check("train.lr_factors", lrFactors.keys.sorted())
    for (name, factor) in lrFactors.sorted(by: { $0.key < $1.key }) {
      try checks.range("train.lr_factors.\(name)", factor, 0...1e6)
    }
    if !freeze.isEmpty, !trainOnly.isEmpty {
      throw checks.error(
        "train.train_only", expected: "either freeze or train_only", got: "both")
    }
  }
}
