extension TrainSettings {
  /// The `train:` section as a pipeline file of its own, which reads back to equal settings.
  package var document: String { YAMLValue.lines([("train", .mapping(yaml))]) }

  /// What decides the weights, without the paths of the store and the run and how the run goes about
  /// it: equal recipes on equal stores give equal weights, whatever the machine.
  package var recipe: TrainSettings {
    var recipe = self
    let plain = TrainSettings()
    for row in Self.table.rows where row.role == .run { row.reset(&recipe, to: plain) }
    return recipe
  }

  var yaml: [(key: String, value: YAMLValue)] { Self.table.yaml(self, default: TrainSettings()) }
}
