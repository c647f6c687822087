extension TrainSettings {
  /// Every setting of the `train:` section.
  package static let table = SettingTable<TrainSettings>([
    Setting(
      "shards", \.shards, SettingType.text.orNothing, "Folder of the shard store.", role: .run),
    Setting(
      "output", \.output, SettingType.text.orNothing, "Folder that the run writes.", role: .run),
    Setting(
      "model.name", \.model.name, .choice,
      "The network: one trunk and a head per task, or the same with attention.",
      flag: .option("model")),
    Setting(
      "model.depth", \.model.trunk, .choice, "Depth of the ResNet trunk.", flag: .option("depth")),
    Setting(
      "model.stem.pool", \.model.stemPool, .choice,
      "What follows the first convolution; none: maps of twice the side, four times the work.",
      flag: .option("stem-pool"), isUsed: { $0.model.stemPool != .max }),
    Setting(
      "model.pretrained", \.model.pretrained, SettingType.text.or("none"),
      "Start from these weights (.pth, .safetensors).", flag: .option("pretrained", "file")),
    Setting(
      "tasks", \.tasks, TaskSettings.list,
      "What is learned, a mapping for every task; left out, every label column of the store."),
    Setting(
      "epochs", \.epochs, .int(1...100_000), "Passes over the training images.",
      flag: .option("epochs")),
    Setting(
      "batch_size", \.batchSize, .int(1...65_536), "Images in a batch.",
      flag: .option("batch-size")),
    Setting(
      "optimizer.name", \.optimizer.name, .choice, "The optimizer.", flag: .option("optimizer")),
    Setting(
      "optimizer.lr", \.optimizer.lr, .number(above: 0, upTo: 1000),
      "Learning rate; the peak with one_cycle.", flag: .option("lr")),
    Setting(
      "optimizer.momentum", \.optimizer.momentum, .number(0..<1), "SGD's momentum.",
      flag: .option("momentum")),
    Setting(
      "optimizer.weight_decay", \.optimizer.weightDecay, .number(0...1),
      "L2 penalty (sgd) or decoupled decay (adamw).", flag: .option("weight-decay")),
    Setting(
      "optimizer.nesterov", \.optimizer.nesterov, .bool, "Nesterov's momentum.",
      flag: .toggle("nesterov")),
    Setting(
      "optimizer.betas", \.optimizer.betas,
      .list("a list of two numbers", of: .number(0..<1), count: 2...2),
      "AdamW's decay rates of the first and second moment."),
    Setting("optimizer.eps", \.optimizer.eps, .number(above: 0, upTo: 1), "AdamW's epsilon."),
    Setting(
      "schedule.name", \.schedule.name, .choice, "How the learning rate changes over the run.",
      flag: .option("schedule")),
    Setting(
      "schedule.warmup_epochs", \.schedule.warmupEpochs, .number(0...10_000),
      "Epochs of linear warm-up; not with one_cycle.", flag: .option("warmup", "epochs")),
    Setting(
      "schedule.gamma", \.schedule.gamma, .number(above: 0, upTo: 1),
      "step: the factor of the rate.", isUsed: { $0.schedule.name == .step }),
    Setting(
      "schedule.step_epochs", \.schedule.stepEpochs, .number(above: 0),
      "step: epochs between two changes.", isUsed: { $0.schedule.name == .step }),
    Setting(
      "schedule.minimum_factor", \.schedule.minimumFactor, .number(0...1),
      "cosine: last rate / lr.", isUsed: { $0.schedule.name == .cosine }),
    Setting(
      "schedule.percent_start", \.schedule.percentStart, .number(0...1),
      "one_cycle: share of the steps in which the rate rises.", isUsed: isOneCycle),
    Setting(
      "schedule.div_factor", \.schedule.divFactor, .number(above: 0),
      "one_cycle: peak / first rate.", isUsed: isOneCycle),
    Setting(
      "schedule.final_div_factor", \.schedule.finalDivFactor, .number(above: 0, upTo: 1e12),
      "one_cycle: first rate / last rate.", isUsed: isOneCycle),
    Setting(
      "schedule.cycle_momentum", \.schedule.cycleMomentum, .bool,
      "one_cycle: whether momentum (or beta1) falls while the rate rises.", isUsed: isOneCycle),
    Setting(
      "schedule.base_momentum", \.schedule.baseMomentum, .number(0..<1),
      "one_cycle: the least momentum.", isUsed: isOneCycle),
    Setting(
      "schedule.max_momentum", \.schedule.maxMomentum, .number(0..<1),
      "one_cycle: the largest momentum.", isUsed: isOneCycle),
    Setting(
      "augment.flip", \.augment.flip, .bool, "Mirror half of the images.", flag: .toggle("flip")),
    Setting(
      "augment.crop_padding", \.augment.cropPadding, .int(0...64),
      "Random crops after padding every side by this many pixels.",
      flag: .option("crop-padding", "pixels")),
    Setting(
      "augment.cutout", \.augment.cutout, .int(0...1024),
      "A black square of this side around a random pixel of every image.",
      flag: .option("cutout", "pixels"), isUsed: { $0.augment.cutout > 0 }),
    Setting(
      "augment.brightness", \.augment.brightness, .number(0...1),
      "Brightness times a random factor from 1 - this to 1 + this.",
      flag: .option("brightness"), isUsed: { $0.augment.brightness > 0 }),
    Setting(
      "augment.contrast", \.augment.contrast, .number(0...1),
      "Contrast times a random factor from 1 - this to 1 + this.",
      flag: .option("contrast"), isUsed: { $0.augment.contrast > 0 }),
    Setting(
      "normalize", \.normalize, Normalization.setting,
      "Mean and deviation that pixels are normalized with; dataset: those of the store.",
      flag: .option("normalize")),
    Setting(
      "balance.method", \.balance.method, .choice, "How the tasks' losses are weighted.",
      flag: .option("balance")),
    Setting(
      "balance.temperature", \.balance.temperature, .number(above: 0),
      "dwa: temperature of the softmax."),
    Setting("balance.alpha", \.balance.alpha, .number(0...100), "gradnorm: the restoring force."),
    Setting(
      "balance.lr", \.balance.lr, .number(above: 0, upTo: 100),
      "Learning rate of learned task weights."),
    Setting(
      "fold", \.fold, SettingType.int(0...99).orNothing,
      "Validate on this fold of a store built with --folds, and train on the others.",
      flag: .option("fold")),
    Setting(
      "seed", \.seed, .seed,
      "Seed of initial weights, order, augmentation and random task weights.",
      flag: .option("seed")),
    Setting(
      "precision", \.precision, .choice,
      "Numbers that training multiplies; bf16 needs AVX512-BF16 or AMX-BF16.",
      flag: .option("precision"), isUsed: { $0.precision != .f32 }),
    Setting(
      "threads", \.threads, SettingType.int(1...1024).or("auto"),
      "Threads of the engine; auto for all cores.",
      flag: .option("threads"), role: .run),
    Setting(
      "loader_threads", \.loaderThreads, SettingType.int(1...256).or("auto"),
      "Threads of the loader.",
      flag: .option("loader-threads"), role: .run),
    Setting(
      "keep_last_batch", \.keepLastBatch, .bool,
      "Train on the last batch of an epoch although it is not full."),
    Setting(
      "clip_norm", \.clipNorm, SettingType.number(above: 0).or("none"),
      "Bound of the gradient's L2 norm.",
      flag: .option("clip-norm", "norm")),
    Setting(
      "accumulate", \.accumulate, .int(1...65_536), "Batches per optimizer step.",
      flag: .option("accumulate", "batches")),
    Setting(
      "ema", \.ema, SettingType.number(0..<1).or("none"),
      "Average the weights with this decay, such as 0.999.",
      flag: .option("ema")),
    Setting(
      "freeze", \.freeze, parts, "Do not train trunk, encoders, heads or heads.NAME; repeatable.",
      flag: .repeated("freeze", "part")),
    Setting(
      "train_only", \.trainOnly, parts, "Train this part alone; repeatable.",
      flag: .repeated("train-only", "part")),
    Setting(
      "lr_factors", \.lrFactors, .named("a mapping from parts to numbers", .number(0...1e6)),
      "Factors of the learning rate by part; repeatable.",
      flag: .named("lr-factor", "part=factor")),
    Setting(
      "checkpoint_every", \.checkpointEvery, SettingType.int(1...1_000_000_000).or("none"),
      "Save a checkpoint every N steps, besides the one after each epoch.",
      flag: .option("checkpoint-every", "steps"), role: .run),
    Setting(
      "keep_best", \.keepBest, .int(1...1000), "Keep the weights of the N best epochs.",
      flag: .option("keep-best", "count"), role: .run),
    Setting(
      "best_metric", \.bestMetric, .text,
      "The validation figure that says which epoch is best: loss, score (all tasks together), "
        + "age_mae, race_accuracy, …",
      flag: .option("best-metric"), role: .selection),
    Setting(
      "best_per_task", \.bestPerTask, .bool,
      "Keep the best weights of every task too, in best-NAME.safetensors.",
      flag: .toggle("best-per-task"), role: .selection, isUsed: \.bestPerTask),
    Setting(
      "patience", \.patience, SettingType.int(1...100_000).or("none"),
      "Stop after N epochs without a better one.", flag: .option("patience", "epochs"),
      role: .selection),
    Setting(
      "stop_head", \.stopHead, SettingType.int(1...100_000).or("none"),
      "Stop training a task, its head and its part in the trunk, after N epochs without a better "
        + "MAE or accuracy of it.",
      flag: .option("stop-head", "epochs"), isUsed: { $0.stopHead != nil }),
    Setting(
      "cache_megabytes", \.cacheMegabytes, SettingType.int(0...1 << 20).or("auto"),
      "Megabytes of decoded pixels to keep in memory.", flag: .option("cache", "megabytes"),
      role: .run),
    Setting(
      "tensorboard", \.tensorboard, .bool, "Write TensorBoard event files.",
      flag: .toggle("tensorboard"), role: .run),
  ])

  private static let isOneCycle: @Sendable (TrainSettings) -> Bool = {
    $0.schedule.name == .oneCycle
  }
  private static let parts = SettingType<[String]>.list(
    "a list of parts", of: .text, count: 0...1000)
}
