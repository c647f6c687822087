import Faces
import Files
import Similarity

/// Which files must not be parted: those of one value in a column and, through them, those of
/// identical bytes and the nearly equal ones. Eight bytes of memory a file, and as many again for
/// those in groups.
struct SampleGroups: ~Copyable {
  private struct Entry: BitwiseCopyable, Comparable {
    let key: ContentHash
    let record: UInt32

    static func < (a: Self, b: Self) -> Bool { (a.key, a.record) < (b.key, b.record) }
  }

  private let key: GroupKey?
  /// Without a key and with all files there, the groups of nearly equal photographs say it all.
  private let isNeeded: Bool
  /// Where identical files may be on both sides, they tie nothing together.
  private let joinsCopies: Bool
  private var byValue: ExternalSorter<Entry>
  private var byContent: ExternalSorter<Entry>

  /// - Parameters:
  ///   - key: nil for groups of nearly equal photographs alone.
  ///   - dropsFiles: whether files are left out of the split. Of identical files the first stands
  ///     for all among the nearly equal photographs, and it may be one of those.
  init(_ key: GroupKey?, _ options: BuildOptions, dropsFiles: Bool) {
    self.key = key
    isNeeded = key != nil || dropsFiles
    joinsCopies = options.split.duplicates != .ignore
    byValue = ExternalSorter(options.spool)
    byContent = ExternalSorter(options.spool)
  }

  /// - Parameter row: nil for a file that is left out: its label ties nobody.
  mutating func add(_ record: UInt32, content: ContentHash, row: [UInt8]?) throws {
    guard isNeeded else { return }
    if joinsCopies { try byContent.add(Entry(key: content, record: record)) }
    if let key, let value = row?.withUnsafeBytes(key.value) {
      try byValue.add(Entry(key: ContentHash(high: 0, low: value), record: record))
    }
  }

  struct Result {
    /// By record, the group that it is in.
    let groups: [UInt32: UInt32]
    /// Values of the column.
    var valueCount = 0
    /// What is left of them as groups once copies and nearly equal photographs tie some together.
    var tiedCount = 0
  }

  /// - Parameters:
  ///   - near: by record, the group of nearly equal photographs that it is in.
  ///   - count: of all records.
  consuming func finish(near: [UInt32: UInt32], count: Int) throws -> Result {
    guard isNeeded else { return Result(groups: near) }
    var sets = DisjointSets(count: count)
    var first: [UInt32: UInt32] = [:]
    for (record, group) in near {
      sets.join(first[group, default: record], record)
      first[group] = record
    }
    var last: Entry?
    try byContent.forEachElement { entry in
      if let last, last.key == entry.key { sets.join(last.record, entry.record) }
      last = entry
    }
    last = nil
    var heads: [UInt32] = []
    try byValue.forEachElement { entry in
      if let last, last.key == entry.key {
        sets.join(last.record, entry.record)
      } else {
        heads.append(entry.record)
      }
      last = entry
    }
    var groups: [UInt32: UInt32] = [:]
    for record in 0..<UInt32(count) where sets.size(ofGroupWith: record) > 1 {
      groups[record] = sets.root(of: record)
    }
    return Result(
      groups: groups, valueCount: heads.count,
      tiedCount: Set(heads.map { sets.root(of: $0) }).count)
  }
}
