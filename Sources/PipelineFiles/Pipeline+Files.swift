import Experiment
import Foundation

extension Pipeline {
  /// Reads a pipeline file and checks every value in it.
  ///
  /// - Throws: `PipelineError` with file and line: unknown keys, values of a wrong type or out of
  ///   range, files above 1 MiB, anchors and aliases, text that is not YAML.
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
    guard let root = try PipelineDocument(file: file).root(of: text) else {
      self.init()
      return
    }
    try self.init(root, source: SettingSource(file: file))
  }
}
