import Experiment
import Foundation
import Store

/// Repeatable random numbers: Steele and Vigna's SplitMix64.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A picture with gradients and noise, planar, 3 × size × size.
func testImage(size: Int, seed: UInt64, noise: UInt8 = 20) -> [UInt8] {
  var random = SplitMix64(seed: seed)
  var pixels = [UInt8](repeating: 0, count: 3 * size * size)
  let slope = Int(random.next() % 5)
  for channel in 0..<3 {
    for y in 0..<size {
      for x in 0..<size {
        let value = 40 + channel * 30 + y * slope + x * 2
        pixels[(channel * size + y) * size + x] =
          UInt8(truncatingIfNeeded: value) &+ UInt8.random(in: 0...noise, using: &random)
      }
    }
  }
  return pixels
}

/// A folder that is removed at the end of `body`.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let path = NSTemporaryDirectory() + "/shard-store-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// Writes a store of drawn images: as many samples as `counts` says, labels from the position.
@discardableResult
func writeStore(
  at path: String, size: Int = 16, perShard: Int = 4, codec: PixelCodec = .predictive,
  counts: [(String, Int)] = [("train", 10), ("validation", 3)]
) throws -> ImageLayout {
  let layout = try ImageLayout(size: size, samplesPerShard: perShard, codec: codec)
  let writer = StoreWriter(
    folder: path,
    schema: StoreSchema(layout: layout, columns: [try Column("age", .label, .number, .uint8)]))
  let encoder = SampleEncoder(layout: layout)
  var files: [FileEntry] = []
  for (split, count) in counts {
    for shard in 0..<layout.shardCount(samples: count) {
      let file = try writer.shardWriter(split: split, shard: shard)
      for sample in (shard * perShard)..<min(count, (shard + 1) * perShard) {
        try file.append(encoder.encode(testImage(size: size, seed: UInt64(sample))))
      }
      var entry = try file.finish()
      entry.path = StoreWriter.shardPath(split: split, shard: shard)
      files.append(entry)
    }
    files += try writer.writeColumn(split: split, name: "age", count: count) {
      $0.map { UInt8($0 % 117) }
    }
    files += try writer.writeNames(split: split, count: count) {
      $0.map { Array("face \($0) ü.jpg".utf8) }
    }
  }
  try writer.finish(
    splits: counts.map { SplitDescription(name: $0.0, sampleCount: $0.1) },
    files: files, dataset: ["channel_mean": [0.5, 0.5, 0.5]].doubles)
  return layout
}

extension Dictionary where Key == String, Value == [Double] {
  fileprivate var doubles: JSONValue { .object(mapValues { .array($0.map { .number($0) }) }) }
}
