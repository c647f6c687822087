import FaceDataset
import ShardStore

/// The label and name columns of a split, from the list of its files.
struct StoreColumns {
  private let index: SourceIndex
  private let rejected: Set<UInt32>

  init(_ index: SourceIndex, rejects: [Reject]) {
    self.index = index
    rejected = Set(rejects.map(\.file))
  }

  /// The samples of a split in the store's order, as places among the accepted files.
  func samples(of split: SplitBuild) -> [UInt32] {
    split.order.lazy.filter { !rejected.contains($0) }.map { UInt32(place(ofFile: $0)) }
  }

  /// `index.accepted` is sorted: the files stand in it as they were found.
  private func place(ofFile file: UInt32) -> Int {
    var low = 0
    var high = index.accepted.count
    while low < high {
      let middle = (low + high) / 2
      if index.accepted[middle] < file { low = middle + 1 } else { high = middle }
    }
    precondition(index.accepted[low] == file)
    return low
  }

  func write(_ samples: [UInt32], split: String, to writer: StoreWriter) throws -> [FileEntry] {
    var files: [FileEntry] = []
    for field in LabelField.allCases {
      files += try writer.writeColumn(split: split, name: field.rawValue, count: samples.count) {
        index.contents[Int(samples[$0])].labels[field]
      }
    }
    files += try writer.writeNames(split: split, count: samples.count) {
      index.files.withPath(at: Int(index.accepted[Int(samples[$0])])) { Array($0) }
    }
    return files
  }

  func statistics(of samples: [UInt32]) -> LabelStatistics {
    LabelStatistics(samples.lazy.map { index.contents[Int($0)].labels })
  }
}
