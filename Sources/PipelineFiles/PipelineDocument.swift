import Experiment
import Terminal
import Yams

/// The YAML text of a pipeline file, checked before it is parsed and while it is read.
///
/// A parser that resolves aliases can be made to do exponential work by a few lines ("billion
/// laughs"), already while it compares keys. So anchors and aliases are refused in the text, before
/// the parser sees it, and so are keys that are lists or mappings: comparing those takes a time that
/// grows with the square of their depth and worse. The parser itself stops at a nesting of 1,000.
struct PipelineDocument {
  /// A pipeline file is a page of text. The bound keeps a wrong file from being read whole.
  static let byteLimit = 1 << 20
  /// Brackets that may be open at a time.
  private static let depthLimit = 256

  let file: String

  /// The tree of the text, or nil for an empty one.
  func root(of text: String) throws -> SettingNode? {
    guard text.utf8.count <= Self.byteLimit else {
      throw PipelineError(
        file: file, expected: "a pipeline file of at most \(Self.byteLimit) bytes",
        got: "\(text.utf8.count)")
    }
    try refuseHostileLines(in: Array(text.utf8))
    do {
      guard let node = try Yams.compose(yaml: text) else { return nil }
      let root = try tree(node)
      return root.text?.isEmpty == true ? nil : root
    } catch let error as YamlError {
      throw translated(error)
    }
  }

  private func tree(_ node: Node) throws -> SettingNode {
    let line = node.mark?.line
    switch node {
    case .scalar(let scalar):
      return SettingNode(.scalar(scalar.string, isPlain: scalar.style == .plain), line: line)
    case .sequence(let items): return SettingNode(.list(try items.map(tree)), line: line)
    case .mapping(let pairs):
      return SettingNode(
        .mapping(try pairs.map { (key: try tree($0.key), value: try tree($0.value)) }), line: line)
    case .alias: throw reference(line)
    }
  }

  private func reference(_ line: Int?) -> PipelineError {
    PipelineError(
      file: file, line: line, expected: "plain values", got: "a YAML anchor or alias",
      hint: "write the value out")
  }

  /// Refuses `&name` and `*name` wherever the parser could take them for an anchor or an alias.
  ///
  /// Refuses `? key`, `[key]:` and `{key}:` likewise, deep brackets, and control characters.
  ///
  /// It errs toward refusing: text inside quotes is searched too. Only a comment on a line without
  /// quotes is passed over; such a `#` cannot be the inside of a quoted text that ends there.
  private func refuseHostileLines(in bytes: [UInt8]) throws {
    var depth = 0
    var line = 1
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") {
        end += 1
      }
      try refuseHostile(in: bytes[start..<end], line: line, depth: &depth)
      // "\r\n" counts as one line.
      if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\r"),
        bytes[end + 1] == UInt8(ascii: "\n")
      {
        end += 1
      }
      start = end + 1
      line += 1
    }
  }

  private func refuseHostile(in line: ArraySlice<UInt8>, line number: Int, depth: inout Int) throws
  {
    let hasQuote = line.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
    var previous = UInt8(ascii: " ")
    for index in line.indices {
      let byte = line[index]
      let next = index + 1 < line.endIndex ? line[index + 1] : UInt8(ascii: " ")
      if byte == UInt8(ascii: "#"), isBlank(previous), !hasQuote { return }
      if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "&"), isNameByte(next),
        !continuesPlainText(previous)
      {
        throw reference(number)
      }
      if byte == UInt8(ascii: "?"), isBlank(next), !continuesPlainText(previous) {
        throw PipelineError(
          file: file, line: number, expected: "names as keys", got: "a key after a question mark")
      }
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        depth += 1
        if depth > Self.depthLimit {
          throw PipelineError(
            file: file, line: number,
            expected: "valid YAML with at most \(Self.depthLimit) open brackets",
            got: "more")
        }
      }
      if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        depth = max(0, depth - 1)
        if line[(index + 1)...].first(where: { !isBlank($0) }) == UInt8(ascii: ":") {
          throw PipelineError(
            file: file, line: number, expected: "names as keys", got: "a list or a mapping as key")
        }
      }
      // U+0085, U+2028 and U+2029 end a line for the parser and for no editor.
      let isHiddenBreak =
        (previous == 0xC2 && byte == 0x85)
        || (previous == 0xE2 && byte == 0x80 && (next == 0xA8 || next == 0xA9))
      if isHiddenBreak || (byte < 0x20 && byte != UInt8(ascii: "\t")) {
        throw PipelineError(
          file: file, line: number, expected: "printable text", got: "a control character")
      }
      previous = byte
    }
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 9 }

  private func isNameByte(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  private func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// Whether a byte can only be followed by more of the same unquoted text.
  private func continuesPlainText(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".")
      || byte == UInt8(ascii: "_")
  }

  private func translated(_ error: YamlError) -> PipelineError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      PipelineError(file: file, line: mark.line, expected: "valid YAML", got: problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      PipelineError(
        file: file, line: context.mark.line, expected: "every key once",
        got: "\(quoted(duplicates.first ?? "")) again")
    case .reader(let problem, _, _, _):
      PipelineError(file: file, expected: "valid YAML", got: problem)
    default:
      PipelineError(file: file, expected: "valid YAML", got: "a text the parser gave up on")
    }
  }
}
