import Faces
import Files
import Similarity
import Store

/// The groups of nearly equal photographs among the records of a build.
struct NearDuplicates {
  /// By the number of a record, the group that it is in. Of files of identical bytes only the first
  /// is here.
  let groups: [UInt32: UInt32]
  let report: NearDuplicateReport

  private struct Entry: BitwiseCopyable, Comparable {
    let content: ContentHash
    let record: UInt32

    static func < (a: Self, b: Self) -> Bool { (a.content, a.record) < (b.content, b.record) }
  }

  /// What is found depends on the contents alone: photographs are numbered in the order of their
  /// hashes.
  ///
  /// - Throws: `FileError`, `ThreadError`.
  init(_ records: RecordTable, layout: ImageLayout, threads: Int, spool: Spool) throws {
    var sorter = ExternalSorter<Entry>(spool)
    try records.forEachRecord { number, record in
      guard record.isSample else { return }
      try sorter.add(
        Entry(content: ContentHash(digest: record.contentHash), record: UInt32(number)))
    }
    var contents = SpooledListWriter<UInt32>(spool)
    var hashes = SpooledListWriter<UInt64>(spool)
    var last: ContentHash?
    try sorter.forEachElement { entry in
      guard entry.content != last else { return }
      last = entry.content
      try contents.append(entry.record)
      try hashes.append(try records.record(Int(entry.record)).measures.perceptualHash)
    }
    let members = try contents.finish()
    let pairs = try NearDuplicateSearch.candidates(
      try hashes.finish(), threads: threads, spool: spool)

    let decoder = SampleDecoder(layout: layout)
    var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
    var search = NearDuplicateGroups { sample in
      let record = Int(try members.element(at: Int(sample)))
      return try pixels.withUnsafeMutableBufferPointer { pixels in
        let planes = pixels.baseAddress!
        let problem = try records.withChunk(of: record) { decoder.decode($0, into: planes) }
        if let problem {
          throw FileError(
            try records.title(of: record), "its sample cannot be decoded: \(problem)")
        }
        return PixelSignature(planes: planes, size: layout.size)
      }
    }
    var sets = DisjointSets(count: members.count)
    var report = NearDuplicateReport()
    report.pairs = try search.join(pairs, in: &sets)

    var groups: [UInt32: UInt32] = [:]
    var first: [UInt32: [UInt8]] = [:]
    var conflicts: Set<UInt32> = []
    for sample in 0..<UInt32(members.count) where sets.size(ofGroupWith: sample) > 1 {
      let root = sets.root(of: sample)
      let record = try members.element(at: Int(sample))
      groups[record] = root
      let labels = Array(try records.record(Int(record)).labels)
      if first[root, default: labels] != labels { conflicts.insert(root) }
      first[root] = first[root] ?? labels
    }
    report.groups = first.count
    report.photographs = groups.count
    report.conflictingGroups = conflicts.count
    self.groups = groups
    self.report = report
  }
}

/// What was found about nearly equal photographs; files of identical bytes count once.
package struct NearDuplicateReport: Equatable, Sendable {
  /// Pairs that joined two groups.
  package var pairs = 0
  package var groups = 0
  package var photographs = 0
  /// Groups whose photographs do not all have the same labels.
  package var conflictingGroups = 0

  package init() {}
}
