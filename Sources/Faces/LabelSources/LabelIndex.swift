import Checksums
import Experiment
import Files

/// Finds the records of a label file by path. 24 bytes a record, in a temporary file where they are
/// many; the records themselves stay in the label file.
struct LabelIndex: Sendable {
  /// A record's place, and a hash of its path.
  private struct Entry: BitwiseCopyable, Comparable, Sendable {
    let hash: UInt64
    let offset: Int
    let line: Int

    static func < (a: Self, b: Self) -> Bool { (a.hash, a.offset) < (b.hash, b.offset) }
  }

  /// Records of one path that are looked at; more say nothing more.
  private static let mostOfOnePath = 64

  let file: LabelFile
  private let pathColumn: LabelFileColumn
  private let dropsTop: Bool
  private let entries: SpooledList<Entry>
  /// Different paths.
  let pathCount: Int
  /// Records without a path.
  let emptyCount: Int
  var recordCount: Int { entries.count }

  /// - Throws: `FileError` where the file is not a table, or its column of paths is not there.
  ///
  /// - Parameters:
  ///   - name: of the column of paths; nil for the first with a usual name.
  ///   - dropsTop: whether a path that is not there is looked for without its first folder.
  init(
    _ file: LabelFile, pathColumn name: String?, dropsTop: Bool, spool: Spool
  ) throws {
    self.file = file
    self.dropsTop = dropsTop
    let column = try file.pathColumn(name)
    pathColumn = column
    var sorter = ExternalSorter<Entry>(spool)
    var empty = 0
    try file.forEachRecord { record in
      let path = record.path(column)
      guard !path.isEmpty else {
        empty += 1
        return
      }
      let hash = path.withUnsafeBufferPointer(Self.hash)
      try sorter.add(Entry(hash: hash, offset: record.offset, line: record.line))
    }
    emptyCount = empty
    var list = SpooledListWriter<Entry>(spool)
    var different = 0
    var last: UInt64?
    try sorter.forEachElement { entry in
      if entry.hash != last { different += 1 }
      last = entry.hash
      try list.append(entry)
    }
    pathCount = different
    entries = try list.finish()
  }

  private static func hash(_ path: UnsafeBufferPointer<UInt8>) -> UInt64 {
    SipHash.hash(path, key0: 0, key1: 0)
  }

  /// The records of a path in the order of the file, at most 64.
  ///
  /// - Throws: `FileError` where the file can no longer be read.
  /// - Complexity: O(log n) reads.
  func records(of path: UnsafeBufferPointer<UInt8>) throws -> [LabelRecord] {
    let records = try exactRecords(of: path)
    guard records.isEmpty, let rest = withoutTop(path) else { return records }
    return try exactRecords(of: rest)
  }

  private func exactRecords(of path: UnsafeBufferPointer<UInt8>) throws -> [LabelRecord] {
    let hash = Self.hash(path)
    var place = try entries.firstIndex { $0.hash >= hash }
    var records: [LabelRecord] = []
    while place < entries.count, records.count < Self.mostOfOnePath {
      let entry = try entries.element(at: place)
      guard entry.hash == hash else { break }
      let record = try file.record(at: entry.offset, line: entry.line)
      if record.path(pathColumn).elementsEqual(path) { records.append(record) }
      place += 1
    }
    return records
  }

  private func withoutTop(_ path: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    guard dropsTop, let slash = path.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    return UnsafeBufferPointer(rebasing: path[(slash + 1)...])
  }

  /// Whether the file names a path.
  func contains(_ path: UnsafeBufferPointer<UInt8>) throws -> Bool {
    if try containsExactly(path) { return true }
    return try withoutTop(path).map(containsExactly) ?? false
  }

  private func containsExactly(_ path: UnsafeBufferPointer<UInt8>) throws -> Bool {
    let hash = Self.hash(path)
    let place = try entries.firstIndex { $0.hash >= hash }
    return try place < entries.count && entries.element(at: place).hash == hash
  }

  /// How many of the file's paths are not among `paths`.
  func unusedCount(_ paths: LabelPaths) throws -> Int {
    var used = 0
    try paths { if try contains($0) { used += 1 } }
    return max(0, pathCount - used)
  }

  /// What is to be said of the file's paths that are not among `paths`.
  func notices(about paths: LabelPaths) throws -> [String] {
    let count = try unusedCount(paths)
    guard count > 0 else { return [] }
    let verb = count == 1 ? "is not an image" : "are not images"
    return ["\(count) of the \(pathCount) paths in \(file.path) \(verb)"]
  }
}

extension SpooledList {
  /// The first element of a sorted list for which `isBehind` holds, or `count`.
  func firstIndex(_ isBehind: (Element) -> Bool) throws -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(try element(at: middle)) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
