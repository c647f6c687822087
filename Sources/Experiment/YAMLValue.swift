/// A value on its way into a YAML file.
///
/// Written by hand, not by an encoder: keys keep their order and numbers their shortest text that
/// reads back to the same bits.
enum YAMLValue {
  case plain(String)
  case text(String)
  case list([YAMLValue])
  case mapping([(key: String, value: YAMLValue)])

  static func number(_ value: Double) -> YAMLValue {
    .plain(Int(exactly: value).map { abs($0) < 1 << 50 ? "\($0)" : "\(value)" } ?? "\(value)")
  }
  static func number(_ value: Int) -> YAMLValue { .plain("\(value)") }
  static func bool(_ value: Bool) -> YAMLValue { .plain(value ? "true" : "false") }
  static func number(_ value: Double?, or word: String) -> YAMLValue {
    value.map { .number($0) } ?? .plain(word)
  }
  static func number(_ value: Int?, or word: String) -> YAMLValue {
    value.map { .number($0) } ?? .plain(word)
  }
  static func strings(_ values: [String]) -> YAMLValue {
    values.isEmpty ? .plain("none") : .list(values.map { .text($0) })
  }
  static func doubles(_ values: [Double]) -> YAMLValue { .list(values.map { .number($0) }) }

  /// The value on one line, in flow style.
  var inline: String {
    switch self {
    case .plain(let text): text
    case .text(let text): Self.scalar(text)
    case .list(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
    case .mapping(let pairs):
      "{" + pairs.map { "\($0.key): \($0.value.inline)" }.joined(separator: ", ") + "}"
    }
  }

  /// Lines of a block mapping, two blanks deeper per level. Lists of mappings have an item a line.
  static func lines(_ pairs: [(key: String, value: YAMLValue)], indent: String = "") -> String {
    var text = ""
    for (key, value) in pairs {
      switch value {
      case .mapping(let inner) where !inner.isEmpty:
        text += "\(indent)\(key):\n" + lines(inner, indent: indent + "  ")
      case .list(let items) where items.contains(where: \.isMapping):
        text += "\(indent)\(key):\n"
        for item in items { text += "\(indent)  - \(item.inline)\n" }
      default:
        text += "\(indent)\(key): \(value.inline)\n"
      }
    }
    return text
  }

  /// Values by their full names. Tasks go by their names, since their places mean nothing.
  static func flattened(
    _ pairs: [(key: String, value: YAMLValue)], path: String = ""
  ) -> [String: String] {
    var result: [String: String] = [:]
    for (key, value) in pairs {
      switch value {
      case .mapping(let inner):
        result.merge(flattened(inner, path: "\(path)\(key).")) { $1 }
      case .list(let items) where items.contains(where: \.isMapping):
        for case .mapping(let inner) in items {
          let name = inner.first { $0.key == "name" }?.value.inline ?? ""
          result.merge(flattened(inner, path: "\(path)\(key).\(name).")) { $1 }
        }
      default: result[path + key] = value.inline
      }
    }
    return result
  }

  private var isMapping: Bool {
    if case .mapping = self { true } else { false }
  }

  /// A text that reads back as a text: bare where that is plainly safe, else in double quotes.
  private static func scalar(_ text: String) -> String {
    let isSafe =
      text.utf8.first.map { (65...90).contains($0) || (97...122).contains($0) } == true
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "_./-".utf8.contains(byte)
      }
      && !["true", "false", "null", "yes", "no", "on", "off", "none", "auto"]
        .contains(text.lowercased())
    if isSafe { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case let control
      where control.value < 0x20 || (0x7F...0x9F).contains(control.value)
        || control == "\u{2028}" || control == "\u{2029}":
        let hex = String(control.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      // Refused when read as an alias or a key, so they are spelled so that they cannot look it.
      case "*": result += "\\x2a"
      case "&": result += "\\x26"
      case "?": result += "\\x3f"
      case "]": result += "\\x5d"
      case "}": result += "\\x7d"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
