import Experiment
import Foundation
import Store
import WeightFiles

/// A store of a few made-up images whose labels can be seen in the pixels: brightness is age, the
/// stronger of red and blue is gender, and the place of a dark bar is race.
enum SmallStore {
  static let trainCount = 24
  static let validationCount = 10
  static let columns = ["age", "gender", "race"]

  static func storeColumns() throws -> [Column] {
    [
      try Column("age", .label, .number, .uint8, unit: "years", minimum: 0),
      try Column("gender", .label, .class, .uint8, classNames: ["male", "female"]),
      try Column("race", .label, .class, .uint8),
    ]
  }

  struct Label {
    let age: Int
    let gender: Int
    let race: Int

    init(sample: Int) {
      age = 5 + sample * 37 % 80
      gender = sample % 2
      race = sample % 5
    }

    func value(_ column: String) -> UInt8 {
      UInt8(column == "age" ? age : column == "gender" ? gender : race)
    }
  }

  /// Writes the store into a new folder.
  static func write(to path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let layout = try ImageLayout(size: 32, samplesPerShard: 16, codec: .predictive)
    let writer = StoreWriter(
      folder: path, schema: try StoreSchema(layout: layout, columns: storeColumns()))
    var files: [FileEntry] = []
    var splits: [SplitDescription] = []
    for (split, count) in [("train", trainCount), ("validation", validationCount)] {
      let labels = (0..<count).map { Label(sample: $0) }
      let encoder = SampleEncoder(layout: layout)
      for shard in 0..<layout.shardCount(samples: count) {
        let shardWriter = try writer.shardWriter(split: split, shard: shard)
        for sample in shard * 16..<min(count, (shard + 1) * 16) {
          try image(labels[sample], sample: sample).withUnsafeBufferPointer { pixels in
            if let base = pixels.baseAddress { try shardWriter.append(encoder.encode(base)) }
          }
        }
        var entry = try shardWriter.finish()
        entry.path = StoreWriter.shardPath(split: split, shard: shard)
        files.append(entry)
      }
      for name in columns {
        files += try writer.writeColumn(split: split, name: name, count: count) {
          labels[$0].map { $0.value(name) }
        }
      }
      files += try writer.writeNames(split: split, count: count) {
        $0.map { Array("\($0).png".utf8) }
      }
      splits.append(
        SplitDescription(name: split, sampleCount: count))
    }
    try writer.finish(
      splits: splits, files: files,
      dataset: [
        "channel_mean": .array([.number(0.5), .number(0.25), .number(0.5)]),
        "channel_std": .array([.number(0.25), .number(0.125), .number(0.25)]),
      ])
  }

  /// Planar pixels [3][32][32].
  static func image(_ label: Label, sample: Int) -> [UInt8] {
    var seed = UInt32(sample + 1)
    var pixels: [UInt8] = []
    for channel in 0..<3 {
      let isStrong = channel == (label.gender == 0 ? 0 : 2)
      for y in 0..<32 {
        for _ in 0..<32 {
          seed = seed &* 1_664_525 &+ 1_013_904_223
          let isBar = y / 6 == label.race
          let level = label.age * 2 + (isStrong ? 60 : 0) + Int(seed >> 28)
          pixels.append(UInt8(isBar ? level / 4 : level))
        }
      }
    }
    return pixels
  }
}

/// A store and a folder for runs, for tests that train.
struct TrainingFixture {
  let folder: TemporaryFolder
  var store: String { folder.path + "/store" }

  init() throws {
    folder = try TemporaryFolder()
    try SmallStore.write(to: folder.path + "/store")
  }

  func run(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// The bytes of a run's file.
  func bytes(_ name: String, _ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(run(name))/\(file)"))
  }

  /// The floating-point tensors of a run's file, by name.
  func tensors(_ name: String, _ file: String = "last.safetensors") throws -> [String: [Float]] {
    let file = try TensorFile.read("\(run(name))/\(file)")
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.filter(\.element.isFloatingPoint).map {
        ($0.name, try $0.floats())
      })
  }

  /// Two epochs of three steps, with the parts in use that keep state.
  func settings(_ name: String) -> TrainSettings {
    var settings = TrainSettings()
    settings.shards = store
    settings.output = run(name)
    settings.epochs = 2
    settings.batchSize = 8
    settings.tasks = TaskSettings.article
    settings.tasks[0].weight = 0.1
    settings.optimizer.lr = 0.005
    settings.optimizer.momentum = 0.9
    settings.optimizer.weightDecay = 5e-4
    settings.schedule.name = .oneCycle
    settings.augment.flip = true
    settings.threads = 2
    return settings
  }
}
