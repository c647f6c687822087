import Experiment
import Faces
import Files
import Images
import Store
import Threads

/// Writes the columns of the splits from the records of its samples.
struct StoreColumns: Sendable {
  private let records: RecordTable
  private let labels: [Column]

  /// - Parameter labels: the columns of the records' labels.
  init(_ records: RecordTable, labels: [Column]) {
    self.records = records
    self.labels = labels
  }

  /// Writes one array of a split.
  private typealias Writing = @Sendable (BuildPlan.Split) throws -> [FileEntry]

  /// Begins to write all columns of all splits, an array at a time on each thread.
  ///
  /// - Returns: what hands over the files of each array, and throws `FileError`.
  /// - Throws: `ThreadError`.
  func startWriting(
    _ splits: [BuildPlan.Split], to writer: StoreWriter, threads: Int
  ) throws -> OrderedWorkers<[FileEntry]> {
    let writings = writings(to: writer)
    let count = splits.count * writings.count
    // Nobody waits for the arrays while shards are copied: all of them may be finished.
    return try OrderedWorkers(count: count, threads: threads, name: "columns", window: count) {
      return { try writings[$0 % writings.count](splits[$0 / writings.count]) }
    }
  }

  private func writings(to writer: StoreWriter) -> [Writing] {
    @Sendable func forEach(
      _ range: Range<Int>, of split: BuildPlan.Split, _ body: (SegmentRecordView) throws -> Void
    ) throws {
      for number in try split.samples.withElements(in: range, Array.init) {
        try body(try records.record(Int(number)))
      }
    }
    func column(
      _ name: String, _ append: @escaping @Sendable (SegmentRecordView, inout [UInt8]) -> Void
    ) -> Writing {
      { split in
        try writer.writeColumn(split: split.name, name: name, count: split.samples.count) { range in
          var bytes: [UInt8] = []
          try forEach(range, of: split) { append($0, &bytes) }
          return bytes
        }
      }
    }
    // The names take longest.
    var writings: [Writing] = [
      { split in
        try writer.writeNames(split: split.name, count: split.samples.count) { range in
          var names: [[UInt8]] = []
          try forEach(range, of: split) { names.append(Array(records.path($0))) }
          return names
        }
      },
      column(StoreFormat.sourceArray) { $1.append(contentsOf: $0.contentHash) },
    ]
    var offset = 0
    for label in labels {
      let place = offset..<offset + label.sampleByteCount
      writings.append(
        column(label.name) {
          $1.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0.labels[place]))
        })
      offset = place.upperBound
    }
    if writer.schema.columns.count > labels.count {
      writings.append { split in
        // Splits that are held out of training are in no fold.
        try writer.writeColumn(
          split: split.name, name: BuildRules.foldName, count: split.samples.count
        ) { range in
          try split.name == SplitRule.train
            ? split.folds.withElements(in: range, Array.init)
            : [UInt8](repeating: .max, count: range.count)
        }
      }
    }
    for measure in StoreMeasure.allCases {
      writings.append(column(measure.path) { $0.measures.append(measure, to: &$1) })
    }
    return writings
  }

  /// Bytes of the longest path.
  func longestPath(of samples: SpooledList<UInt32>) throws -> Int {
    var longest = 0
    try samples.forEachElement {
      longest = max(longest, records.path(try records.record(Int($0))).count)
    }
    return longest
  }

  /// Samples by class of every label with classes, and by value of every small number.
  func histograms(of samples: SpooledList<UInt32>) throws -> [String: [Int]] {
    var counts = labels.map { column in
      // Ages have a count for each year to 116, as UTKFace's do.
      [Int](repeating: 0, count: column.unit == "years" ? 117 : column.classNames.count)
    }
    try samples.forEachElement { sample in
      let values = LabelRow(values: Array(try records.record(Int(sample)).labels))
        .values(of: labels)
      for (index, value) in values.enumerated() {
        guard let place = value?.number.flatMap({ Int(exactly: $0) }),
          counts[index].indices.contains(place)
        else { continue }
        counts[index][place] += 1
      }
    }
    return Dictionary(
      zip(labels.map(\.name), counts).filter { !$0.1.isEmpty }, uniquingKeysWith: { a, _ in a })
  }
}

extension ImageMeasures {
  /// Appends one measure as its array holds it.
  fileprivate func append(_ measure: StoreMeasure, to bytes: inout [UInt8]) {
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    switch measure {
    case .perceptualHash: append(perceptualHash)
    case .width: append(width)
    case .height: append(height)
    case .brightness: append(brightness)
    case .contrast: append(contrast)
    case .sharpness: append(sharpness)
    case .colorfulness: append(colorfulness)
    }
  }
}
