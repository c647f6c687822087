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
        nil, root.line, expected: "a mapping with the keys prep and train", got: root.kind)
    }
    let reader = try MappingReader(sections, path: "", source: source, keys: ["prep", "train"])
    if let section = try reader.mapping("prep", keys: PrepSettings.keys) {
      try prep.read(section)
    }
    if let section = try reader.mapping("train", keys: TrainSettings.keys) {
      try train.read(section)
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

  /// The whole configuration as a file that reads back to equal values.
  package var yaml: String {
    YAMLValue.lines([("prep", .mapping(prep.yaml)), ("train", .mapping(train.yaml))])
  }

  /// Every setting by its full name, such as `train.optimizer.lr`, as text.
  package var flattened: [String: String] {
    YAMLValue.flattened([("prep", .mapping(prep.yaml)), ("train", .mapping(train.yaml))])
  }
}
