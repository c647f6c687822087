import Foundation

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

  /// Reads a pipeline file and checks every value in it.
  ///
  /// - Throws: `PipelineError` with file and line: unknown keys, values of a wrong type or out of
  ///   range, files above 1 MiB, anchors and aliases, text that is no YAML.
  package init(contentsOf path: String) throws {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      data = try handle.read(upToCount: PipelineDocument.byteLimit + 1) ?? Data()
    } catch {
      throw PipelineError(
        file: path, expected: "a readable pipeline file", got: "none",
        hint: "check the path and its permissions")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw PipelineError(file: path, expected: "UTF-8 text", got: "other bytes")
    }
    try self.init(yaml: text, file: path)
  }

  /// Reads the text of a pipeline file; `file` is its name in errors.
  package init(yaml text: String, file: String) throws {
    let document = PipelineDocument(file: file)
    guard let root = try document.root(of: text) else { return }
    let reader = try MappingReader(root, path: "", document: document, keys: ["prep", "train"])
    if let section = try reader.mapping("prep", keys: PrepSettings.keys) {
      try prep.read(section)
    }
    if let section = try reader.mapping("train", keys: TrainSettings.keys) {
      try train.read(section)
    }
    let checks = SettingChecks(file: file, lines: document.lines)
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
