import Experiment
import Foundation
import Store

/// A store of 22 made-up images of 9×9 pixels in shards of eight, in a folder that is removed at
/// the end of `body`. Sample n has the age n, or none where n is 5; the class n mod 2, or none where
/// n is 6; and the pair (n, n/2), which is no label.
func withStore(
  codec: PixelCodec = .predictive, dataset: JSONValue = .null, _ body: (String) throws -> Void
) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let layout = try ImageLayout(size: 9, samplesPerShard: 8, codec: codec)
  let columns = [
    try Column("age", .label, .number, .uint8, unit: "years"),
    try Column("kind", .label, .class, .uint16, classNames: ["even", "odd"]),
    try Column("pair", .teacher, .number, .float32, width: 2),
  ]
  let writer = StoreWriter(folder: folder, schema: StoreSchema(layout: layout, columns: columns))
  let encoder = SampleEncoder(layout: layout)
  var files: [FileEntry] = []
  for shard in 0..<layout.shardCount(samples: sampleCount) {
    let file = try writer.shardWriter(split: "train", shard: shard)
    for sample in shard * 8..<min(shard * 8 + 8, sampleCount) {
      try file.append(encoder.encode(image(sample)))
    }
    var entry = try file.finish()
    entry.path = StoreWriter.shardPath(split: "train", shard: shard)
    files.append(entry)
  }
  let values: [(Int) -> [ColumnValue]] = [
    { [.unsigned($0 == 5 ? 255 : UInt64($0))] }, { [.unsigned($0 == 6 ? 65_535 : UInt64($0 % 2))] },
    { [.float(Float($0)), .float(Float($0) / 2)] },
  ]
  for (column, values) in zip(columns, values) {
    files += try writer.writeColumn(split: "train", name: column.name, count: sampleCount) {
      var rows: [UInt8] = []
      for value in $0.flatMap(values) { value.append(as: column.element, to: &rows) }
      return rows
    }
  }
  files += try writer.writeNames(split: "train", count: sampleCount) {
    $0.map { Array("\($0).jpg".utf8) }
  }
  try writer.finish(
    splits: [SplitDescription(name: "train", sampleCount: sampleCount)], files: files,
    dataset: dataset)
  try body(folder)
}

let sampleCount = 22

/// Planar, different for neighbors, samples and channels.
func image(_ sample: Int) -> [UInt8] {
  (0..<3 * 9 * 9).map { UInt8(truncatingIfNeeded: sample &* 41 ^ $0 / 81 &* 85 &+ $0 &* 7) }
}
