import Terminal

/// A setting that was refused: where it is, what was expected, what was found.
///
/// Its description is one line, for example
/// `pipelines/mine.yaml:7: train.epochs: expected a whole number from 1 to 100000, got 0`.
package struct PipelineError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The file, or nil for a value that was set by a flag or in code.
  package var file: String?
  /// The line in the file, counted from 1, if known.
  package var line: Int?
  /// The setting's full name, such as `train.optimizer.lr`, or nil for the file as a whole.
  package var key: String?
  package var expected: String
  package var got: String
  /// What to do about it, if there is something to say.
  package var hint: String?

  package init(
    file: String? = nil, line: Int? = nil, key: String? = nil, expected: String, got: String,
    hint: String? = nil
  ) {
    self.file = file
    self.line = line
    self.key = key
    self.expected = expected
    self.got = got
    self.hint = hint
  }

  package var description: String {
    var text = ""
    if let file { text += line.map { "\(file):\($0): " } ?? "\(file): " }
    if let key { text += "\(key): " }
    text += "expected \(expected), got \(got)"
    if let hint { text += "; \(hint)" }
    return visible(text, limit: 600)
  }
}
