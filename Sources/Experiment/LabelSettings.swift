/// Where the labels of photographs come from.
package struct LabelSettings: Equatable, Sendable {
  /// What holds the labels where there is no label file.
  package enum Origin: String, CaseIterable, Sendable {
    /// File names by UTKFace's rule.
    case names
    /// The folder that an image is in.
    case folders
  }

  /// What is done with a photograph that the label file has no row for.
  package enum Unlisted: String, CaseIterable, Sendable {
    case reject
    case missing
  }

  /// A label file; nil for labels by `origin`.
  package var file: String?
  package var origin = Origin.names
  /// The column of paths; nil for the first with a usual name.
  package var pathColumn: String?
  package var unlisted = Unlisted.reject
  /// A file whose cells replace single labels.
  package var fixes: String?
  /// The pipeline's `columns:` section; empty for a guess.
  package var columns: [ColumnSettings] = []
  /// Whether the paths of a label file may leave out the first folder, as archives often have one
  /// around everything. Not a setting: what the source is decides it.
  package var dropsTop = false
  /// A column that is guessed to be a group, whatever its values look like. Not a setting of its own:
  /// the split is made by it.
  package var groupColumn: String?

  package init() {}
}
