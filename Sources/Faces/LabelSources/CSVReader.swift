import Files
import Glibc

/// Reads the records of a CSV file from front to back (RFC 4180): commas, double quotes, line
/// breaks of any kind, also inside quotes. A record of one empty field is passed over.
///
/// Memory is bounded by a record, whatever the file holds.
struct CSVReader {
  static let largestField = 1 << 16
  static let mostFields = 4096

  private let file: MappedFile
  private var bytes: UnsafeRawBufferPointer { file.bytes }
  /// Where the next record begins.
  private(set) var offset: Int
  private(set) var line: Int

  init(_ file: MappedFile, offset: Int = 0, line: Int = 1) {
    self.file = file
    self.offset = offset
    self.line = line
    // A byte order mark is no part of the first name.
    if offset == 0, file.bytes.prefix(3).elementsEqual([0xEF, 0xBB, 0xBF]) { self.offset = 3 }
  }

  /// The fields of the next record, the line and byte where it begins, or nil at the file's end.
  ///
  /// - Throws: `FileError` with the line, for text that is not CSV.
  mutating func next() throws(FileError) -> (fields: [[UInt8]], offset: Int, line: Int)? {
    while offset < bytes.count {
      let (start, startLine) = (offset, line)
      let fields = try record()
      if fields.count > 1 || !fields[0].isEmpty { return (fields, start, startLine) }
    }
    return nil
  }

  private mutating func record() throws(FileError) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    while true {
      guard fields.count < Self.mostFields else {
        throw error("has more than \(Self.mostFields) fields in a record")
      }
      fields.append(try field())
      guard offset < bytes.count else { return fields }
      let byte = bytes[offset]
      offset += 1
      if byte == UInt8(ascii: ",") { continue }
      if byte == UInt8(ascii: "\r"), offset < bytes.count, bytes[offset] == UInt8(ascii: "\n") {
        offset += 1
      }
      line += 1
      return fields
    }
  }

  /// Stops at the comma or line break behind the field.
  private mutating func field() throws(FileError) -> [UInt8] {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
      let start = offset
      while offset < bytes.count, !Self.endsField(bytes[offset]) {
        guard bytes[offset] != 0 else { throw error("holds a zero byte; expected UTF-8 text") }
        guard bytes[offset] != UInt8(ascii: "\"") else {
          throw error("has a quote inside an unquoted field; quote the field and double the quote")
        }
        offset += 1
      }
      guard offset - start <= Self.largestField else { throw tooLong }
      return Array(bytes[start..<offset])
    }
    let firstLine = line
    var field: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == UInt8(ascii: "\"") {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
          guard offset == bytes.count || Self.endsField(bytes[offset]) else {
            throw error("has text behind a closing quote; expected a comma or the line's end")
          }
          return field
        }
        offset += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      field.append(byte)
      guard field.count <= Self.largestField else {
        line = firstLine
        throw tooLong
      }
    }
    line = firstLine
    throw error("opens a quote that does not end")
  }

  private static func endsField(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  private var tooLong: FileError { error("has a field of more than \(Self.largestField) bytes") }

  private func error(_ problem: String) -> FileError {
    // What a file that was cut reads as is not its fault.
    file.isWhole
      ? FileError(file.path, "line \(line) \(problem)")
      : FileError(file.path, cannot: "read", code: EIO)
  }
}
