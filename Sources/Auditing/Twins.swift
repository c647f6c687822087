import Experiment
import Files
import Similarity
import Terminal
import Threads

/// The groups of samples that are the same photograph: files of identical bytes, and nearly equal
/// ones.
struct Twins {
  /// Each of at least two samples, ascending; in the order of their first ones.
  let groups: [[Int]]
  private let contents: [UInt32]

  private struct Entry: BitwiseCopyable, Comparable {
    let source: SourceHash
    let sample: UInt32

    static func < (a: Self, b: Self) -> Bool { (a.source, a.sample) < (b.source, b.sample) }
  }

  /// - Throws: `StoreError` where a store is damaged, `FileError`, and `AuditInterrupted`.
  init(_ samples: AuditedSamples, spool: Spool) throws {
    var sorter = ExternalSorter<Entry>(spool)
    var sampleHashes: [UInt64] = []
    sampleHashes.reserveCapacity(samples.count)
    for part in samples.parts {
      for (index, source) in try part.split.sources().enumerated() {
        try sorter.add(Entry(source: source, sample: UInt32(part.first + index)))
      }
      try samples.forEachValue(of: .perceptualHash, in: part, as: UInt64.self) {
        sampleHashes.append($1)
      }
    }
    // Of identical files, the first stands for all.
    var contents = [UInt32](repeating: 0, count: samples.count)
    var members = SpooledListWriter<UInt32>(spool)
    var hashes = SpooledListWriter<UInt64>(spool)
    var last: SourceHash?
    try sorter.forEachElement { entry in
      if entry.source != last {
        last = entry.source
        try members.append(entry.sample)
        try hashes.append(sampleHashes[Int(entry.sample)])
      }
      contents[Int(entry.sample)] = UInt32(members.count - 1)
    }
    sampleHashes = []
    let firsts = try members.finish()
    let pairs = try NearDuplicateSearch.candidates(
      try hashes.finish(), threads: availableCoreCount(), spool: spool)
    var search = NearDuplicateGroups { content in
      guard !Interruption.isRequested else { throw AuditInterrupted() }
      return try samples.signature(of: Int(firsts.element(at: Int(content))))
    }
    var sets = DisjointSets(count: firsts.count)
    _ = try search.join(pairs, in: &sets)

    var sizes = [UInt32](repeating: 0, count: firsts.count)
    for content in contents { sizes[Int(sets.root(of: content))] += 1 }
    var groups: [UInt32: [Int]] = [:]
    for (sample, content) in contents.enumerated() {
      let root = sets.root(of: content)
      if sizes[Int(root)] > 1 { groups[root, default: []].append(sample) }
    }
    self.groups = groups.values.sorted { $0[0] < $1[0] }
    self.contents = contents
  }

  /// Whether two samples come from files of identical bytes.
  func areIdentical(_ a: Int, _ b: Int) -> Bool { contents[a] == contents[b] }
}

/// Ctrl-C.
package struct AuditInterrupted: Error, CustomStringConvertible {
  package init() {}

  package var description: String {
    "interrupted before all samples were audited; nothing was written"
  }
}
