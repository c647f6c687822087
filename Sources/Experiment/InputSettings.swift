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
  case values(mean: [Double], std: [Double])

  package static let imagenetMean = [0.485, 0.456, 0.406]
  package static let imagenetStd = [0.229, 0.224, 0.225]

  /// Mean and deviation by channel; nil where only the store knows them.
  package var values: (mean: [Double], std: [Double])? {
    switch self {
    case .imagenet: (Self.imagenetMean, Self.imagenetStd)
    case .values(let mean, let std): (mean, std)
    case .dataset: nil
    }
  }

  static func read(_ reader: MappingReader) throws -> Normalization? {
    guard let node = reader.node("normalize") else { return nil }
    switch reader.plain(node) {
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
    return .values(mean: mean, std: std)
  }

  func validate(_ checks: SettingChecks) throws {
    guard case .values(let mean, let std) = self else { return }
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
    case .values(let mean, let std): .mapping([("mean", .doubles(mean)), ("std", .doubles(std))])
    }
  }
}

/// The network.
package struct ModelSettings: Equatable, Sendable {
  package enum Name: String, CaseIterable, Sendable {
    /// One shared ResNet trunk and a head per task (the article).
    case hydranet
    /// The same with soft attention of every task over the trunk (Liu, Johns, Davison 2019).
    case mtan
  }

  package var name = Name.hydranet
  /// Depth of the ResNet trunk: 18 or 34.
  package var depth = 18
  /// A file of weights to start from, `.pth` or `.safetensors`.
  package var pretrained: String?

  package init() {}

  static let keys = ["name", "depth", "pretrained"]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.choice("name", Name.self) { name = value }
    if let value = try reader.int("depth") { depth = value }
    if let value = try reader.string("pretrained") { pretrained = value == "none" ? nil : value }
  }

  func validate(_ checks: SettingChecks) throws {
    guard depth == 18 || depth == 34 else {
      throw checks.error("train.model.depth", expected: "18 or 34", got: "\(depth)")
    }
  }

  var yaml: YAMLValue {
    .mapping([
      ("name", .plain(name.rawValue)), ("depth", .number(depth)),
      ("pretrained", pretrained.map { .text($0) } ?? .plain("none")),
    ])
  }
}
