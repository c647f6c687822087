import Experiment

extension Pipeline {
  /// `docs/settings.md`: every key of a pipeline file.
  package static var settingsPage: String {
    """
    # Settings

    Every key of a pipeline file, made from the tables that the programs read it with
    (`hydra-train settings` writes this page). A flag overrides the file.

    ## prep

    \(rows(PrepSettings.table.rows, PrepSettings()))
    ## columns

    A list with a mapping for every column of a label file or level of folders (labels.md).

    \(rows(ColumnSettings.table.rows, ColumnSettings(name: "", kind: .number)))
    ## train

    `model: mtan` is short for `model: {name: mtan}`, and so on for `optimizer` and `schedule`.

    \(rows(TrainSettings.table.rows, TrainSettings()))
    ## train.tasks

    A list with a mapping for every task.

    \(rows(TaskSettings.table.rows, TaskSettings(name: "", kind: .regression)))
    """
  }

  private static func rows<Root>(_ settings: [Setting<Root>], _ defaults: Root) -> String {
    let lines = settings.map { row in
      let flag = row.flag.map { "`--\($0.name)`" } ?? ""
      let value = row.text(defaults).map { "`\($0)`" } ?? ""
      return "| `\(row.key)` | \(row.expected) | \(value) | \(flag) | \(row.help) |\n"
    }
    return "| key | value | default | flag | meaning |\n|---|---|---|---|---|\n" + lines.joined()
  }
}
