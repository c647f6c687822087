/// Writes JSON with sorted keys. Pretty text is indented by two spaces, with `" : "` between key
/// and value and an empty line in what is empty: the form in which stores of version 1 were written.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var depth = 0

  init(pretty: Bool) { isPretty = pretty }

  mutating func write(_ value: JSONValue) throws(JSONError) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append("\(value)")
    case .number(let value):
      guard value.isFinite else { throw JSONError(offset: nil, problem: "\(value) is not finite") }
      let text = "\(value)"
      append(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    case .string(let value): append(quoted: value)
    case .array(let elements):
      try list("[", elements, "]") { writer, element throws(JSONError) in
        try writer.write(element)
      }
    case .object(let members):
      try list("{", members.sorted { $0.key < $1.key }, "}") { writer, member throws(JSONError) in
        writer.append(quoted: member.key)
        writer.append(writer.isPretty ? " : " : ":")
        try writer.write(member.value)
      }
    }
  }

  private mutating func list<Element>(
    _ open: String, _ elements: [Element], _ close: String,
    _ body: (inout JSONWriter, Element) throws(JSONError) -> Void
  ) throws(JSONError) {
    append(open)
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { append(",") }
      newLine()
      try body(&self, element)
    }
    depth -= 1
    if elements.isEmpty, isPretty { append("\n") }
    newLine()
    append(close)
  }

  private mutating func newLine() {
    guard isPretty else { return }
    append("\n")
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func append(quoted text: String) {
    append("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x08: append("\\b")
      case 0x0c: append("\\f")
      case 0x0a: append("\\n")
      case 0x0d: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20: append("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
      default: bytes.append(byte)
      }
    }
    append("\"")
  }
}
