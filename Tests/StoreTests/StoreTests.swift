import Experiment
import Files
import Foundation
import Store
import Testing

@Suite struct StoreTests {
  @Test(arguments: PixelCodec.allCases)
  func everySampleComesBack(codec: PixelCodec) throws {
    try withTemporaryFolder { folder in
      let layout = try writeStore(at: folder, size: 20, codec: codec)
      let store = try StoreReader(path: folder)
      #expect(store.layout == layout)
      #expect(store.splits.map(\.name) == ["train", "validation"])
      #expect(store.dataset["channel_mean"]?.arrayValue?.first?.doubleValue == 0.5)
      let train = try store.split("train")
      let decoder = SampleDecoder(layout: layout)
      var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
      for sample in [9, 0, 4, 3, 7] {
        try train.decode(sample: sample, into: &pixels, decoder: decoder)
        #expect(pixels == testImage(size: 20, seed: UInt64(sample)))
      }
      #expect(try train.column("age").bytes == (0..<10).map { UInt8($0) })
      #expect(try train.names()[7] == "face 7 ü.jpg")
      #expect(train.shardPath(ofSample: 5) == "train/image/c/1/0/0/0")
      #expect(try StoreVerifier.verify(path: folder).problems.isEmpty)
    }
  }

  @Test func anEmptySplitIsASplit() throws {
    try withTemporaryFolder { folder in
      try writeStore(at: folder, counts: [("train", 4), ("validation", 0)])
      let split = try StoreReader(path: folder).split("validation")
      #expect(split.sampleCount == 0)
      #expect(try split.column("age").bytes.isEmpty)
      #expect(try split.names().isEmpty)
    }
  }

  @Test func longNamesAreCutAtACharacter() {
    let long = Array(String(repeating: "ü", count: 40).utf8)
    #expect(StoreWriter.fittingName(long, width: 64).count == 64)
    let odd = Array(("a" + String(repeating: "ü", count: 40)).utf8)
    #expect(StoreWriter.fittingName(odd, width: 64).count == 63)
  }

  @Test func theSameSamplesGiveTheSameBytes() throws {
    try withTemporaryFolder { folder in
      try writeStore(at: folder + "/a")
      try writeStore(at: folder + "/b")
      for path in try regularFiles(below: folder + "/a") {
        #expect(
          FileManager.default.contents(atPath: "\(folder)/a/\(path)")
            == FileManager.default.contents(atPath: "\(folder)/b/\(path)"))
      }
    }
  }

  @Test func whatIsNotThereIsNamed() throws {
    try withTemporaryFolder { folder in
      try writeStore(at: folder)
      let store = try StoreReader(path: folder)
      #expect(throws: StoreError.self) { try store.split("test") }
      let error = #expect(throws: StoreError.self) { try store.split("train").column("height") }
      #expect(error?.kind == .notFound)
      #expect(error?.description.contains("\"height\"; it has age") == true)
    }
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: StoreError.Kind
    let says: String
    let apply: @Sendable (String) throws -> Void
  }

  static let shard = "train/image/c/0/0/0/0"

  static let damages: [Damage] = [
    Damage(testDescription: "no metadata", kind: .notAStore, says: "is not a store") {
      try FileManager.default.removeItem(atPath: "\($0)/zarr.json")
    },
    Damage(testDescription: "metadata cut", kind: .damaged, says: "is not JSON") {
      try truncate("\($0)/zarr.json", to: 500)
    },
    Damage(testDescription: "another version", kind: .otherVersion, says: "format version 7") {
      try edit("\($0)/zarr.json", "\"format_version\" : 2", "\"format_version\" : 7")
    },
    Damage(testDescription: "a digit of a mean", kind: .damaged, says: "its SHA-256 is") {
      try edit("\($0)/zarr.json", "0.5,", "0.6,")
    },
    Damage(testDescription: "foreign Zarr", kind: .notAStore, says: "without the attribute") {
      try Data(#"{"zarr_format":3,"node_type":"group"}"#.utf8).write(
        to: URL(fileURLWithPath: "\($0)/zarr.json"))
    },
    Damage(testDescription: "missing shard", kind: .missingFile, says: "read zeros") {
      try FileManager.default.removeItem(atPath: "\($0)/\(shard)")
    },
    Damage(testDescription: "shard cut", kind: .damaged, says: "expected") {
      try truncate("\($0)/\(shard)", to: 100)
    },
    Damage(testDescription: "index flipped", kind: .damaged, says: "its index's CRC-32C") {
      try flip("\($0)/\(shard)", fromEnd: 20)
    },
  ]

  @Test(arguments: damages)
  func damageIsRefusedAtOnce(damage: Damage) throws {
    try withTemporaryFolder { folder in
      try writeStore(at: folder)
      try damage.apply(folder)
      let error = #expect(throws: StoreError.self) { try StoreReader(path: folder) }
      #expect(error?.kind == damage.kind)
      #expect(error?.description.contains(damage.says) == true, "\(String(describing: error))")
      #expect(error?.description.contains("\n") == false)
      // Where there is no store at all, `verify` throws.
      let isSound = (try? StoreVerifier.verify(path: folder).problems.isEmpty) ?? false
      #expect(!isSound)
    }
  }

  @Test func aDamagedSampleIsNamedByShardAndPlace() throws {
    try withTemporaryFolder { folder in
      let layout = try writeStore(at: folder)
      try flip("\(folder)/\(Self.shard)", at: 30)
      let train = try StoreReader(path: folder).split("train")
      var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
      let decoder = SampleDecoder(layout: layout)
      let error = #expect(throws: StoreError.self) {
        try train.decode(sample: 0, into: &pixels, decoder: decoder)
      }
      #expect(error?.file == Self.shard)
      #expect(error?.sample == 0)
      try train.decode(sample: 1, into: &pixels, decoder: decoder)
      let problems = try StoreVerifier.verify(path: folder).problems
      #expect(problems.contains { $0.file == Self.shard && $0.sample == 0 })
    }
  }

  @Test func everyFlipInEveryFileIsFound() throws {
    try withTemporaryFolder { folder in
      try writeStore(at: folder, size: 8, counts: [("train", 5), ("validation", 2)])
      var random = SplitMix64(seed: 11)
      for path in try regularFiles(below: folder) {
        let file = "\(folder)/\(path)"
        let size = try #require(FileManager.default.contents(atPath: file)).count
        for _ in 0..<4 {
          let place = Int.random(in: 0..<size, using: &random)
          try flip(file, at: place)
          #expect(try !StoreVerifier.verify(path: folder).problems.isEmpty, "\(path) at \(place)")
          try flip(file, at: place)
        }
      }
      #expect(try StoreVerifier.verify(path: folder).problems.isEmpty)
    }
  }

  @Test func aFileTooManyIsFound() throws {
    try withTemporaryFolder { folder in
      try writeStore(at: folder)
      try Data([1]).write(to: URL(fileURLWithPath: "\(folder)/train/image/c/9"))
      #expect(
        try StoreVerifier.verify(path: folder).problems.map(\.file) == ["train/image/c/9"])
    }
  }

  @Test func anUnfinishedFileIsNotVisible() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/shard"
      do {
        let writer = try ShardWriter(path: path, capacity: 2, syncedBy: SyncQueue())
        try [UInt8](repeating: 1, count: 9).withUnsafeBytes { try writer.append($0) }
      }
      #expect(try regularFiles(below: folder).isEmpty)
    }
  }

  @Test(arguments: [(7, 1), (1025, 1), (32, 0), (32, 65_537)])
  func layoutsOutOfRangeAreRefused(size: Int, perShard: Int) {
    #expect(throws: StoreError.self) {
      try ImageLayout(size: size, samplesPerShard: perShard, codec: .portable)
    }
  }
}

private func flip(_ path: String, at place: Int? = nil, fromEnd: Int? = nil) throws {
  var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
  let index = place ?? bytes.count - (fromEnd ?? 1)
  bytes[index] ^= 0x10
  try bytes.write(to: URL(fileURLWithPath: path))
}

private func truncate(_ path: String, to count: Int) throws {
  try Data(contentsOf: URL(fileURLWithPath: path)).prefix(count).write(
    to: URL(fileURLWithPath: path))
}

private func edit(_ path: String, _ old: String, _ new: String) throws {
  let text = try String(contentsOfFile: path, encoding: .utf8)
  #expect(text.contains(old))
  try text.replacingOccurrences(of: old, with: new).write(
    toFile: path, atomically: true, encoding: .utf8)
}
