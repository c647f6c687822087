import Files
import Store

/// A column of a label file.
struct LabelFileColumn: Sendable {
  let name: String
  /// Its place in a CSV record.
  let index: Int
}

/// One record of a label file.
struct LabelRecord {
  private enum Content {
    case fields([[UInt8]])
    case members([String: JSONValue])
  }

  private let content: Content
  /// The byte where it begins, and its line.
  let offset: Int
  let line: Int

  init(fields: [[UInt8]], offset: Int, line: Int) {
    content = .fields(fields)
    self.offset = offset
    self.line = line
  }

  init(members: [String: JSONValue], offset: Int, line: Int) {
    content = .members(members)
    self.offset = offset
    self.line = line
  }

  /// What the record has in a column, without blanks around it; nil for nothing.
  func text(_ column: LabelFileColumn) -> String? {
    let text: String
    switch content {
    case .fields(let fields): text = String(decoding: fields[column.index], as: UTF8.self)
    case .members(let members):
      switch members[column.name] {
      case .string(let value): text = value
      case .integer(let value): text = "\(value)"
      case .number(let value): text = "\(value)"
      case .bool(let value): text = value ? "true" : "false"
      // `JSONLines` lets no other value through.
      default: return nil
      }
    }
    let trimmed = text.drop(while: \.isWhitespace)
    let end = trimmed.lastIndex { !$0.isWhitespace }
    return end.map { String(trimmed[...$0]) }
  }

  /// The bytes of a path, without a "./" in front; empty for nothing.
  func path(_ column: LabelFileColumn) -> ArraySlice<UInt8> {
    var path: ArraySlice<UInt8>
    switch content {
    case .fields(let fields): path = fields[column.index][...]
    case .members: path = Array((text(column) ?? "").utf8)[...]
    }
    while path.starts(with: [UInt8(ascii: "."), UInt8(ascii: "/")]) { path = path.dropFirst(2) }
    return path
  }
}

/// Reads the objects of a JSON Lines file from front to back; blank lines are passed over.
struct JSONLines {
  private let file: MappedFile
  private var offset: Int
  private var line: Int

  init(_ file: MappedFile, offset: Int = 0, line: Int = 1) {
    self.file = file
    self.offset = offset
    self.line = line
    if offset == 0, file.bytes.prefix(3).elementsEqual([0xEF, 0xBB, 0xBF]) { self.offset = 3 }
  }

  /// The next object, or nil at the file's end.
  ///
  /// - Throws: `FileError` with the line, for one that is not an object of plain values.
  mutating func next() throws(FileError) -> (members: [String: JSONValue], offset: Int, line: Int)?
  {
    while offset < file.bytes.count {
      let (start, number) = (offset, line)
      let rest = file.bytes[start...].prefix(LabelFile.largestLine + 1)
      let text = rest.prefix { $0 != UInt8(ascii: "\n") }
      func error(_ problem: String) -> FileError {
        FileError(file.path, "line \(number) \(problem)")
      }
      guard text.count <= LabelFile.largestLine else {
        throw error("has more than \(LabelFile.largestLine) bytes")
      }
      offset = start + text.count + 1
      line += 1
      if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      let value: JSONValue
      do {
        value = try JSONValue.decoded(UnsafeRawBufferPointer(rebasing: text))
      } catch {
        throw FileError(file.path, "line \(number) \(error)")
      }
      guard case .object(let members) = value else {
        throw error("is not an object; expected {\"path\": …, \"label\": …}")
      }
      for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        switch value {
        case .array, .object: throw error("has a list or an object as \"\(name.prefix(40))\"")
        default: break
        }
      }
      return (members, start, number)
    }
    return nil
  }
}
