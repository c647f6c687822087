import Terminal

/// A value of a pipeline file as its text has it, before it gets a type.
package struct SettingNode: Sendable {
  package enum Content: Sendable {
    /// `isPlain`: without quotes. Only such a text can be a number, a truth value or a word.
    case scalar(String, isPlain: Bool)
    case list([SettingNode])
    case mapping([(key: SettingNode, value: SettingNode)])
  }

  package let content: Content
  /// The line in the file, counted from 1, if known.
  package let line: Int?

  package init(_ content: Content, line: Int? = nil) {
    self.content = content
    self.line = line
  }

  package var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }

  /// The text of a scalar without quotes.
  var plain: String? {
    if case .scalar(let text, isPlain: true) = content { text } else { nil }
  }

  var list: [SettingNode]? {
    if case .list(let items) = content { items } else { nil }
  }

  var mapping: [(key: SettingNode, value: SettingNode)]? {
    if case .mapping(let pairs) = content { pairs } else { nil }
  }

  /// A finite decimal number. Swift also reads hexadecimal, "nan" and "inf", which no one means.
  var number: Double? {
    guard let plain,
      plain.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }),
      let value = Double(plain), value.isFinite
    else { return nil }
    return value
  }

  /// Whether nothing was written, or a word for it.
  package var isNull: Bool {
    plain.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false
  }

  /// What it is, in words for an error.
  package var kind: String {
    switch content {
    case .scalar where isNull: "nothing"
    case .scalar(let text, _) where number != nil: text
    case .scalar(let text, _): quoted(text)
    case .mapping: "a mapping"
    case .list: "a list"
    }
  }
}

/// The file that settings are read from, and where in it each was found.
package final class SettingSource {
  package let file: String
  /// Line of every setting that was read, by full name.
  private(set) var lines: [String: Int] = [:]

  package init(file: String) { self.file = file }

  func record(_ key: String, _ line: Int?) { lines[key] = line }

  func error(_ key: String?, _ line: Int?, expected: String, got: String, hint: String? = nil)
    -> PipelineError
  {
    PipelineError(file: file, line: line, key: key, expected: expected, got: got, hint: hint)
  }
}
