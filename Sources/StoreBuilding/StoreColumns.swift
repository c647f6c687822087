import Experiment
import Faces
import Files
import Images
import Store

/// Writes the columns of a split from the records of its samples.
struct StoreColumns {
  private let records: RecordTable

  init(_ records: RecordTable) { self.records = records }

  func write(
    _ samples: SpooledList<UInt32>, split: String, to writer: StoreWriter
  ) throws -> [FileEntry] {
    func forEach(_ range: Range<Int>, _ body: (SegmentRecordView) throws -> Void) throws {
      for number in try samples.withElements(in: range, Array.init) {
        try body(try records.record(Int(number)))
      }
    }
    func column(
      _ name: String, _ append: (SegmentRecordView, inout [UInt8]) -> Void
    ) throws -> [FileEntry] {
      try writer.writeColumn(split: split, name: name, count: samples.count) { range in
        var bytes: [UInt8] = []
        try forEach(range) { append($0, &bytes) }
        return bytes
      }
    }
    var entries: [FileEntry] = []
    var offset = 0
    for label in writer.schema.columns {
      let place = offset..<offset + label.sampleByteCount
      entries += try column(label.name) { $1.append(contentsOf: $0.labels[place]) }
      offset = place.upperBound
    }
    entries += try writer.writeNames(split: split, count: samples.count) { range in
      var names: [[UInt8]] = []
      try forEach(range) { names.append(Array($0.path)) }
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
      longest = max(longest, try records.record(Int($0)).path.count)
    }
    return longest
  }

  func statistics(of samples: SpooledList<UInt32>) throws -> LabelStatistics {
    var counter = LabelCounter()
    try samples.forEachElement {
      counter.add(try FaceLabels(columnBytes: try records.record(Int($0)).labels))
    }
    return LabelStatistics(counter)
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
