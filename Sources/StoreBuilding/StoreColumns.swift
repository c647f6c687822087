import Experiment
import Faces
import Files
import Photographs
import Store

/// The label and name columns of a split, from the list of its files.
struct StoreColumns {
  private let files: FileList
  private let sources: SpooledList<SourceHash>
  private let rejected: Set<UInt32>
  private let spool: Spool

  init(_ index: SourceIndex, rejects: [Reject], spool: Spool) {
    files = index.files
    sources = index.sources
    self.spool = spool
    rejected = Set(rejects.map(\.file))
  }

  /// The samples of a split that are in the store, in its order.
  func samples(of split: SplitBuild) throws -> SpooledList<SplitSample> {
    var samples = SpooledListWriter<SplitSample>(spool)
    try split.samples.forEachElement { if !rejected.contains($0.file) { try samples.append($0) } }
    return try samples.finish()
  }

  func write(
    _ samples: SpooledList<SplitSample>, split: String, to writer: StoreWriter
  ) throws -> [FileEntry] {
    var entries: [FileEntry] = []
    for field in LabelField.allCases {
      entries += try writer.writeColumn(split: split, name: field.rawValue, count: samples.count) {
        range in try samples.withElements(in: range) { $0.map { $0.labels[field] } }
      }
    }
    entries += try writer.writeNames(split: split, count: samples.count) { range in
      try samples.withElements(in: range, Array.init).map {
        try files.pathBytes(at: Int($0.file))
      }
    }
    entries += try writer.writeSources(split: split, count: samples.count) { range in
      try samples.withElements(in: range, Array.init).map {
        try sources.element(at: Int($0.file))
      }
    }
    return entries
  }

  /// Bytes of the longest path.
  func longestPath(of samples: SpooledList<SplitSample>) throws -> Int {
    var longest = 0
    try samples.forEachElement {
      longest = max(longest, try files.withPath(at: Int($0.file)) { $0.count })
    }
    return longest
  }

  func statistics(of samples: SpooledList<SplitSample>) throws -> LabelStatistics {
    var counter = LabelCounter()
    try samples.forEachElement { counter.add($0.labels) }
    return LabelStatistics(counter)
  }
}
