import Checksums
import Experiment
import Files
import Terminal

/// A table of labels: a CSV file with a header, or JSON Lines, an object a line.
///
/// Nothing of it is kept in memory but the names of its columns; a record is read again where its
/// place is known.
struct LabelFile: Sendable {
  private enum Format { case csv, jsonLines }

  private let file: MappedFile
  private let format: Format
  /// The names of the columns, in the order of the file.
  let names: [String]
  /// Where the first record begins.
  private let start: (offset: Int, line: Int)

  static let largestLine = 1 << 20

  var path: String { file.path }

  /// - Throws: `FileError` where the file cannot be read, is of another kind, or has no columns.
  init(_ path: String) throws {
    file = try MappedFile(path: path)
    let kind = path.lowercased()
    if kind.hasSuffix(".csv") {
      format = .csv
      var reader = CSVReader(file)
      names = try reader.next()?.fields.map { String(decoding: $0, as: UTF8.self) } ?? []
      start = (reader.offset, reader.line)
    } else if kind.hasSuffix(".jsonl") || kind.hasSuffix(".ndjson") {
      format = .jsonLines
      start = (0, 1)
      var seen: [String: Int] = [:]
      var lines = JSONLines(file)
      while let line = try lines.next() {
        for name in line.members.keys.sorted() where seen[name] == nil { seen[name] = seen.count }
        guard seen.count <= CSVReader.mostFields else {
          throw FileError(path, "line \(line.line) brings the names to more than \(seen.count - 1)")
        }
      }
      names = seen.sorted { $0.value < $1.value }.map(\.key)
    } else {
      throw FileError(path, "is not a label file by its name; expected .csv or .jsonl")
    }
    try file.checkWhole()
    guard !names.isEmpty else {
      throw FileError(path, "is empty; expected a column of paths and columns of labels")
    }
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      throw FileError(path, "has two columns named \(quoted(name)); rename one of them")
    }
  }

  /// - Throws: `FileError` with the line of a record that cannot be read, and whatever `body` throws.
  func forEachRecord(_ body: (LabelRecord) throws -> Void) throws {
    switch format {
    case .csv:
      var reader = CSVReader(file, offset: start.offset, line: start.line)
      while let next = try reader.next() { try body(try record(next)) }
    case .jsonLines:
      var lines = JSONLines(file)
      while let next = try lines.next() {
        try body(LabelRecord(members: next.members, offset: next.offset, line: next.line))
      }
    }
    try file.checkWhole()
  }

  /// The record that begins at a byte, where `forEachRecord` found one.
  func record(at offset: Int, line: Int) throws -> LabelRecord {
    switch format {
    case .csv:
      var reader = CSVReader(file, offset: offset, line: line)
      if let next = try reader.next() {
        let record = try record(next)
        try file.checkWhole()
        return record
      }
    case .jsonLines:
      var lines = JSONLines(file, offset: offset, line: line)
      if let next = try lines.next() {
        try file.checkWhole()
        return LabelRecord(members: next.members, offset: next.offset, line: next.line)
      }
    }
    throw FileError(path, "changed while it was being read; run the same command again")
  }

  private func record(_ next: (fields: [[UInt8]], offset: Int, line: Int)) throws -> LabelRecord {
    guard next.fields.count == names.count else {
      throw FileError(
        path,
        "line \(next.line) has \(next.fields.count) fields, expected \(names.count) as the header has"
      )
    }
    return LabelRecord(fields: next.fields, offset: next.offset, line: next.line)
  }

  /// A column by its name.
  ///
  /// - Throws: `FileError` with the nearest name where there is none.
  func column(_ name: String) throws -> LabelFileColumn {
    guard let index = names.firstIndex(of: name) else {
      let near = nearestName(to: name, in: names).map { "; did you mean \(quoted($0))?" } ?? ""
      throw FileError(path, "has no column \(quoted(name)); it has \(shown)\(near)")
    }
    return LabelFileColumn(name: name, index: index)
  }

  /// The column of paths.
  ///
  /// - Parameter name: nil for the first with a usual name.
  func pathColumn(_ name: String?) throws -> LabelFileColumn {
    if let name { return try column(name) }
    for usual in ["path", "file", "filename", "file_name", "image", "image_path"] {
      if let found = names.first(where: { $0.lowercased() == usual }) { return try column(found) }
    }
    throw FileError(
      path,
      "has no column named path, file, filename or image; name the column of paths with "
        + "--path-column; it has \(shown)")
  }

  private var shown: String {
    names.prefix(20).map { visible($0, limit: 40) }.joined(separator: ", ")
      + (names.count > 20 ? ", …" : "")
  }

  /// SHA-256 of the file.
  func digest() throws -> String {
    let hash = SHA256Digest.hex(of: file.bytes)
    try file.checkWhole()
    return hash
  }
}
