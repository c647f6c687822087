import Experiment
import Faces
import Files
import Images
import Store

/// Writes the columns of a split from the records of its samples.
struct StoreColumns {
  private let records: RecordTable
  private let labels: [Column]

  /// - Parameter labels: the columns of the records' labels.
  init(_ records: RecordTable, labels: [Column]) {
    self.records = records
    self.labels = labels
  }

  func write(_ split: BuildPlan.Split, to writer: StoreWriter) throws -> [FileEntry] {
    let samples = split.samples
    func forEach(_ range: Range<Int>, _ body: (SegmentRecordView) throws -> Void) throws {
      for number in try samples.withElements(in: range, Array.init) {
        try body(try records.record(Int(number)))
      }
    }
    func column(
      _ name: String, _ append: (SegmentRecordView, inout [UInt8]) -> Void
    ) throws -> [FileEntry] {
      try writer.writeColumn(split: split.name, name: name, count: samples.count) { range in
        var bytes: [UInt8] = []
        try forEach(range) { append($0, &bytes) }
        return bytes
      }
    }
    var entries: [FileEntry] = []
    var offset = 0
    for label in labels {
      let place = offset..<offset + label.sampleByteCount
      entries += try column(label.name) { $1.append(contentsOf: $0.labels[place]) }
      offset = place.upperBound
    }
    if writer.schema.columns.count > labels.count {
      // Splits that are held out of training are in no fold.
      entries += try writer.writeColumn(
        split: split.name, name: BuildRules.foldName, count: samples.count
      ) { range in
        try split.name == SplitRule.train
          ? split.folds.withElements(in: range, Array.init)
          : [UInt8](repeating: .max, count: range.count)
      }
    }
    entries += try writer.writeNames(split: split.name, count: samples.count) { range in
      var names: [[UInt8]] = []
      try forEach(range) { names.append(Array(records.path($0))) }
      return names
    }
    entries += try column(StoreFormat.sourceArray) { $1.append(contentsOf: $0.contentHash) }
    for measure in StoreMeasure.allCases {
      entries += try column(measure.path) { $0.measures.append(measure, to: &$1) }
    }
    return entries
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
