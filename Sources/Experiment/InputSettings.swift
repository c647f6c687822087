/// Random changes of a training image, drawn from (seed, epoch, sample).
package struct AugmentSettings: Equatable, Sendable {
  /// Whether half of the images are mirrored.
  package var flip = false
  /// Pixels of border added on every side before a random crop back to size; 0 for none.
  package var cropPadding = 0

  package init() {}

  static let keys = ["flip", "crop_padding"]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.bool("flip") { flip = value }
    if let value = try reader.int("crop_padding") { cropPadding = value }
  }

  var yaml: YAMLValue {
    .mapping([("flip", .bool(flip)), ("crop_padding", .number(cropPadding))])
  }
}

/// Mean and standard deviation per channel that pixels, as 0 to 1, are normalised with.
package enum Normalization: Equatable, Sendable {
  /// ImageNet's, which torchvision's weights expect.
  case imagenet
  /// Those of the store's training images.
  case dataset
  case values(ChannelStatistics)

  /// Mean and deviation by channel; nil where only the store knows them.
  package var statistics: ChannelStatistics? {
    switch self {
    case .imagenet: .imagenet
    case .values(let statistics): statistics
    case .dataset: nil
    }
  }

  static func read(_ reader: MappingReader) throws -> Normalization? {
    guard let node = reader.node("normalize") else { return nil }
    switch node.plain {
    case "imagenet": return .imagenet
    case "dataset": return .dataset
    default: break
    }
    guard node.mapping != nil,
      let inner = try reader.mapping("normalize", keys: ["mean", "std"]),
      let mean = try inner.doubles("mean"), let std = try inner.doubles("std")
    else {
      throw reader.error(
        "normalize", node, expected: "imagenet, dataset or {mean: [r, g, b], std: [r, g, b]}")
    }
    return .values(ChannelStatistics(mean: mean, deviation: std))
  }

  func validate(_ checks: SettingChecks) throws {
    guard case .values(let statistics) = self else { return }
    let (mean, std) = (statistics.mean, statistics.deviation)
    guard mean.count == 3, mean.allSatisfy({ (-10...10).contains($0) }) else {
      throw checks.error(
        "train.normalize.mean", expected: "three numbers from -10 to 10", got: "\(mean)")
    }
    guard std.count == 3, std.allSatisfy({ (1e-6...100).contains($0) }) else {
      throw checks.error(
        "train.normalize.std", expected: "three numbers from 1e-06 to 100", got: "\(std)")
    }
  }

  var yaml: YAMLValue {
    switch self {
    case .imagenet: .plain("imagenet")
    case .dataset: .plain("dataset")
    case .values(let statistics):
      .mapping([("mean", .doubles(statistics.mean)), ("std", .doubles(statistics.deviation))])
    }
  }
}

/// The network.
package struct ModelSettings: Equatable, Sendable {
  package var name = NetworkKind.hydraNet
  package var trunk = TrunkArchitecture.resNet18
  /// A file of weights to start from, `.pth` or `.safetensors`.
  package var pretrained: String?

  package init() {}

  /// For people to read, such as "MTAN, ResNet-18".
  package var title: String { (name == .mtan ? "MTAN, " : "") + "ResNet-\(trunk.rawValue)" }

  static let keys = ["name", "depth", "pretrained"]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.choice("name", NetworkKind.self) { name = value }
    if let value = try reader.int("depth") {
      guard let trunk = TrunkArchitecture(rawValue: value) else {
        throw reader.source.error(
          reader.fullName("depth"), reader.node("depth")?.line, expected: "18 or 34",
          got: "\(value)")
      }
      self.trunk = trunk
    }
    if let value = try reader.string("pretrained") { pretrained = value == "none" ? nil : value }
  }

  var yaml: YAMLValue {
    .mapping([
      ("name", .plain(name.rawValue)), ("depth", .number(trunk.rawValue)),
      ("pretrained", pretrained.map { .text($0) } ?? .plain("none")),
    ])
  }
}
