import Experiment
import Files

/// Makes the label source that settings ask for.
package enum LabelSources {
  /// - Parameters:
  ///   - source: the name of where the photographs are, for errors.
  ///   - paths: the paths of all photographs; read only where labels are guessed from folders.
  /// - Throws: `FileError` for a label file that is not one; `ColumnError`; `LabelSourceError` for
  ///   settings that contradict each other.
  package static func open(
    _ settings: LabelSettings, strict: Bool, source: String, spool: Spool, paths: LabelPaths
  ) throws -> any LabelSource {
    let labels: any LabelSource
    if let file = settings.file {
      guard settings.origin == .names else {
        throw LabelSourceError(
          description: "--labels and --labels-from folders both say where labels are; give one")
      }
      labels = try LabelTable(file, settings, spool: spool)
    } else if settings.origin == .folders {
      labels = try FolderLabels(settings.columns, source: source, paths: paths)
    } else {
      guard settings.columns.isEmpty else {
        throw LabelSourceError(
          description:
            "the pipeline's columns: describe a label file or folders; give --labels FILE "
            + "or --labels-from folders too")
      }
      labels = FaceNames(strict: strict)
    }
    guard let fixes = settings.fixes else { return labels }
    return try FixedLabels(labels, path: fixes, settings: settings, spool: spool)
  }
}

/// Label settings that contradict each other, in one sentence.
package struct LabelSourceError: Error, CustomStringConvertible, Equatable {
  package let description: String

  package init(description: String) { self.description = description }
}
