/// One reproducible experiment: how the data set is prepared and how the model is trained.
///
/// ```swift
/// var pipeline = try Pipeline(contentsOf: "pipelines/utkface-32.yaml")
/// if let size = flags.size { pipeline.prep.size = size }   // a flag overrides the file
/// try pipeline.validate()
/// ```
package struct Pipeline: Equatable, Sendable {
  package var prep = PrepSettings()
  package var train = TrainSettings()

  /// The defaults.
  package init() {}

  /// Reads the tree of a pipeline file, of which `source` is the name in errors, and checks every
  /// value in it.
  ///
  /// - Throws: `PipelineError` with file and line: unknown keys, values of a wrong type or out of
  ///   range.
  package init(_ root: SettingNode, source: SettingSource) throws {
    guard case .mapping(let sections) = root.content else {
      throw source.error(
        nil, root.line, expected: "a mapping with the keys prep, columns and train", got: root.kind)
    }
    for (key, section) in sections {
      switch key.text {
      case "prep":
        try PrepSettings.table.read(section, into: &prep, path: "prep", source: source)
      case "columns":
        guard
          let columns = try ColumnSettings.list.read(
            section, SettingPlace(name: "columns", source: source)),
          ColumnSettings.list.accepts(columns)
        else {
          throw source.error(
            "columns", section.line, expected: ColumnSettings.list.expected, got: section.kind)
        }
        prep.labels.columns = columns
      case "train":
        try TrainSettings.table.read(section, into: &train, path: "train", source: source)
      default:
        let hint = key.text.flatMap { nearestName(to: $0, in: Self.sections) }
        throw source.error(
          nil, key.line, expected: "known keys", got: key.kind,
          hint: hint.map { "did you mean \($0)?" }
            ?? "one of \(Self.sections.joined(separator: ", "))")
      }
    }
    let checks = SettingChecks(file: source.file, lines: source.lines)
    try prep.validate(checks)
    try train.validate(checks)
  }

  /// Checks ranges and how settings fit together, to be called after flags were applied: what a
  /// file holds was checked when it was read.
  package func validate() throws {
    try prep.validate()
    try train.validate()
  }

  private static let sections = ["prep", "columns", "train"]

  private var tree: [(key: String, value: YAMLValue)] {
    [("prep", .mapping(prep.yaml))]
      + (ColumnSettings.list.write(prep.labels.columns).map { [("columns", $0)] } ?? [])
      + [("train", .mapping(train.yaml))]
  }

  /// The whole configuration as a file that reads back to equal values.
  package var yaml: String { YAMLValue.lines(tree) }

  /// Every setting by its full name, such as `train.optimizer.lr`, as text.
  package var flattened: [String: String] {
    YAMLValue.flattened(tree)
  }
}
