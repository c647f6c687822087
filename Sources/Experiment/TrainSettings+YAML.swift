extension TrainSettings {
  static let keys = [
    "shards", "output", "model", "tasks", "epochs", "batch_size", "optimizer", "schedule",
    "augment", "normalize", "balance", "seed", "threads", "loader_threads", "keep_last_batch",
    "clip_norm", "accumulate", "ema", "freeze", "train_only", "lr_factors", "checkpoint_every",
    "keep_best", "best_metric", "patience", "cache_megabytes", "tensorboard",
  ]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.string("shards") { shards = value }
    if let value = try reader.string("output") { output = value }
    if let node = reader.node("model"), node.text != nil {
      if let value = try reader.choice("model", NetworkKind.self) { model.name = value }
    } else if let inner = try reader.mapping("model", keys: ModelSettings.keys) {
      try model.read(inner)
    }
    if let items = try reader.mappings("tasks", keys: TaskSettings.keys) {
      tasks = try items.map { try TaskSettings($0) }
    }
    if let value = try reader.int("epochs") { epochs = value }
    if let value = try reader.int("batch_size") { batchSize = value }
    if let inner = try reader.mapping("optimizer", keys: OptimizerSettings.keys) {
      try optimizer.read(inner)
    }
    if let inner = try reader.mapping("schedule", keys: ScheduleSettings.keys) {
      try schedule.read(inner)
    }
    if let inner = try reader.mapping("augment", keys: AugmentSettings.keys) {
      try augment.read(inner)
    }
    if let value = try Normalization.read(reader) { normalize = value }
    if let inner = try reader.mapping("balance", keys: BalanceSettings.keys) {
      try balance.read(inner)
    }
    if let value = try reader.seed("seed") { seed = value }
    if let value = try reader.int("threads", orWord: "auto") { threads = value }
    if let value = try reader.int("loader_threads", orWord: "auto") { loaderThreads = value }
    if let value = try reader.bool("keep_last_batch") { keepLastBatch = value }
    if let value = try reader.double("clip_norm", orWord: "none") { clipNorm = value }
    if let value = try reader.int("accumulate") { accumulate = value }
    if let value = try reader.double("ema", orWord: "none") { ema = value }
    if let value = try reader.strings("freeze") { freeze = value }
    if let value = try reader.strings("train_only") { trainOnly = value }
    if let value = try reader.namedDoubles("lr_factors") { lrFactors = value }
    if let value = try reader.int("checkpoint_every", orWord: "none") { checkpointEvery = value }
    if let value = try reader.int("keep_best") { keepBest = value }
    if let value = try reader.string("best_metric") { bestMetric = value }
    if let value = try reader.int("patience", orWord: "none") { patience = value }
    if let value = try reader.int("cache_megabytes", orWord: "auto") { cacheMegabytes = value }
    if let value = try reader.bool("tensorboard") { tensorboard = value }
  }

  var yaml: [(key: String, value: YAMLValue)] {
    var pairs: [(key: String, value: YAMLValue)] = []
    if let shards { pairs.append(("shards", .text(shards))) }
    if let output { pairs.append(("output", .text(output))) }
    pairs += [
      ("model", model.yaml),
      ("tasks", .list(tasks.map(\.yaml))),
      ("epochs", .number(epochs)),
      ("batch_size", .number(batchSize)),
      ("optimizer", optimizer.yaml),
      ("schedule", schedule.yaml),
      ("augment", augment.yaml),
      ("normalize", normalize.yaml),
      ("balance", balance.yaml),
      ("seed", .plain("\(seed)")),
      ("threads", .number(threads, or: "auto")),
      ("loader_threads", .number(loaderThreads, or: "auto")),
      ("keep_last_batch", .bool(keepLastBatch)),
      ("clip_norm", .number(clipNorm, or: "none")),
      ("accumulate", .number(accumulate)),
      ("ema", .number(ema, or: "none")),
      ("freeze", .strings(freeze)),
      ("train_only", .strings(trainOnly)),
      (
        "lr_factors",
        lrFactors.isEmpty
          ? .plain("none")
          : .mapping(lrFactors.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
      ),
      ("checkpoint_every", .number(checkpointEvery, or: "none")),
      ("keep_best", .number(keepBest)),
      ("best_metric", .text(bestMetric)),
      ("patience", .number(patience, or: "none")),
      ("cache_megabytes", .number(cacheMegabytes, or: "auto")),
      ("tensorboard", .bool(tensorboard)),
    ]
    return pairs
  }
}
