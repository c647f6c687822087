extension TrainSettings {
  /// The `train:` section as a pipeline file of its own, which reads back to equal settings.
  package var document: String { YAMLValue.lines([("train", .mapping(yaml))]) }

  /// What decides the weights, without where the store and the run stand and how the run goes about
  /// it: equal recipes on equal stores give equal weights, whatever the machine.
  package var recipe: TrainSettings {
    var recipe = self
    recipe.shards = nil
    recipe.output = nil
    recipe.threads = nil
    recipe.loaderThreads = nil
    recipe.cacheMegabytes = nil
    recipe.checkpointEvery = nil
    recipe.keepBest = 1
    recipe.tensorboard = false
    return recipe
  }
}
