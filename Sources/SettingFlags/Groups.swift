import Experiment

/// The flags that say what is trained.
package enum RecipeFlags: FlagGroup {
  package static let settings = TrainSettings.table.rows.filter { $0.role == .recipe }
  package static let defaults = TrainSettings()
}

/// The flags that say how a run does it.
package enum RunFlags: FlagGroup {
  package static let settings = TrainSettings.table.rows.filter { $0.role != .recipe }
  package static let defaults = TrainSettings()
}

/// The flags of a build.
package enum BuildFlags: FlagGroup {
  package static let settings = PrepSettings.table.rows
  package static let defaults = PrepSettings()
}

/// The flags that say where labels are.
package enum LabelFlags: FlagGroup {
  package static let settings = PrepSettings.table.rows.filter {
    ["labels", "labels_from", "path_column", "unlisted", "fix_labels"].contains($0.key)
  }
  package static let defaults = PrepSettings()
}
