/// Random changes of a training image, drawn from (seed, epoch, sample).
package struct AugmentSettings: Equatable, Sendable {
  /// Whether half of the images are mirrored.
  package var flip = true
  /// Pixels of border added on every side before a random crop back to size; 0 for none.
  package var cropPadding = 0
  /// Side of a black square at a random place of every image; 0 for none.
  package var cutout = 0
  /// Random factors of brightness and contrast are from 1 less to 1 more these.
  package var brightness = 0.0
  package var contrast = 0.0

  package init() {}
}

/// Mean and standard deviation per channel that pixels, as 0 to 1, are normalized with.
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

  static let setting = SettingType<Normalization>(
    "imagenet, dataset or {mean: [r, g, b], std: [r, g, b]}", words: ["imagenet", "dataset"],
    read: { node, _ in
      switch node.plain {
      case "imagenet": return .imagenet
      case "dataset": return .dataset
      default: break
      }
      guard let pairs = node.mapping, pairs.count == 2,
        let mean = pairs.first(where: { $0.key.text == "mean" })?.value.list?.map(\.number),
        let std = pairs.first(where: { $0.key.text == "std" })?.value.list?.map(\.number),
        !mean.contains(nil), !std.contains(nil)
      else { return nil }
      return .values(
        ChannelStatistics(mean: mean.compactMap { $0 }, deviation: std.compactMap { $0 }))
    },
    write: { choice in
      switch choice {
      case .imagenet: .plain("imagenet")
      case .dataset: .plain("dataset")
      case .values(let statistics):
        .mapping([("mean", .doubles(statistics.mean)), ("std", .doubles(statistics.deviation))])
      }
    })
}

/// The network.
package struct ModelSettings: Equatable, Sendable {
  package var name = NetworkKind.hydraNet
  package var trunk = TrunkArchitecture.resNet18
  package var stemPool = StemPool.max
  /// A file of weights to start from, `.pth` or `.safetensors`.
  package var pretrained: String?

  package init() {}

  /// For people to read, such as "MTAN, ResNet-18 without max-pool".
  package var title: String {
    (name == .mtan ? "MTAN, " : "") + "ResNet-\(trunk.rawValue)"
      + (stemPool == .none ? " without max-pool" : "")
  }
}
