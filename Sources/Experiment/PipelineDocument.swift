import Yams

/// The YAML text of a pipeline file, checked before it is parsed and while it is read.
///
/// A parser that resolves aliases can be made to do exponential work by a few lines ("billion
/// laughs"), already while it compares keys. So anchors and aliases are refused in the text,
/// before the parser sees it. The parser itself stops at a nesting of 1,000.
final class PipelineDocument {
  /// A pipeline file is a page of text. The bound keeps a wrong file from being read whole.
  static let byteLimit = 1 << 20

  let file: String
  /// Line of every setting that was read, by full name.
  private(set) var lines: [String: Int] = [:]

  init(file: String) { self.file = file }

  /// The top-level mapping, or nil for an empty file.
  func root(of text: String) throws -> Node.Mapping? {
    guard text.utf8.count <= Self.byteLimit else {
      throw PipelineError(
        file: file, expected: "a pipeline file of at most \(Self.byteLimit) bytes",
        got: "\(text.utf8.count)")
    }
    try refuseReferences(in: Array(text.utf8))
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw translated(error)
    }
    switch node {
    case nil: return nil
    case .mapping(let mapping)?: return mapping
    case .scalar(let scalar)? where scalar.string.isEmpty: return nil
    case let other?:
      throw PipelineError(
        file: file, line: other.mark?.line, expected: "a mapping with the keys prep and train",
        got: kind(of: other))
    }
  }

  func record(_ key: String, at mark: Mark?) { lines[key] = mark?.line }

  func error(_ key: String, at mark: Mark?, expected: String, got: String, hint: String? = nil)
    -> PipelineError
  {
    PipelineError(
      file: file, line: mark?.line, key: key, expected: expected, got: got, hint: hint)
  }

  /// Refuses `&name` and `*name` wherever the parser could take them for an anchor or an alias.
  ///
  /// It errs towards refusing: text inside quotes is searched too. Only a comment on a line without
  /// quotes is passed over; such a `#` cannot be the inside of a quoted text that ends there.
  private func refuseReferences(in bytes: [UInt8]) throws {
    var line = 1
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") {
        end += 1
      }
      try refuseReferences(in: bytes[start..<end], line: line)
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

  private func refuseReferences(in line: ArraySlice<UInt8>, line number: Int) throws {
    let hasQuote = line.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
    var previous = UInt8(ascii: " ")
    for index in line.indices {
      let byte = line[index]
      let next = index + 1 < line.endIndex ? line[index + 1] : UInt8(ascii: " ")
      if byte == UInt8(ascii: "#"), isBlank(previous), !hasQuote { return }
      if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "&"), isNameByte(next),
        !continuesPlainText(previous)
      {
        throw PipelineError(
          file: file, line: number, expected: "plain values", got: "a YAML anchor or alias",
          hint: "write the value out")
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

/// What a node is, in words for an error.
func kind(of node: Node) -> String {
  switch node {
  case .scalar(let scalar) where scalar.style == .plain && isNull(scalar.string): "nothing"
  case .scalar(let scalar): quoted(scalar.string)
  case .mapping: "a mapping"
  case .sequence: "a list"
  case .alias: "an alias"
  }
}

func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }
