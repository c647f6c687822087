import WeightFiles

/// Which ResNet a state dict holds the trunk of, as its names and shapes tell (He et al. 2016, table
/// 1; Xie et al. 2017; Zagoruyko and Komodakis 2016).
struct TrunkShape {
  /// Blocks in layer1 to layer4.
  let blocks: [Int]
  /// Whether a block has three convolutions, the last of which widens.
  let hasBottlenecks: Bool
  /// Channels of the first block's inner convolution, 64 in ResNet.
  let width: Int
  /// Groups of the inner convolution; more than 1 in ResNeXt.
  let groups: Int

  /// - Parameter tensors: under names such as `net.layer1.0.conv1.weight`.
  /// - Returns: nil where they are not of a ResNet.
  init?(_ tensors: [NamedTensor]) {
    let shapes = Dictionary(
      tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    func shape(_ name: String) -> [Int]? {
      shapes["net.\(name).weight"].flatMap { $0.count == 4 && $0[1] > 0 ? $0 : nil }
    }
    blocks = (1...4).map { stage in
      var count = 0
      while count < 1000, shape("layer\(stage).\(count).conv1") != nil { count += 1 }
      return count
    }
    guard !blocks.contains(0), let first = shape("layer1.0.conv1"),
      let second = shape("layer1.0.conv2")
    else { return nil }
    hasBottlenecks = shape("layer1.0.conv3") != nil
    width = first[0]
    groups = max(1, first[0] / second[1])
  }

  /// Its usual name, such as `ResNet-34` or `wide ResNet-50`.
  var title: String {
    let depths: [[Int]: Int] =
      hasBottlenecks
      ? [[2, 2, 2, 2]: 26, [3, 4, 6, 3]: 50, [3, 4, 23, 3]: 101, [3, 8, 36, 3]: 152]
      : [[1, 1, 1, 1]: 10, [2, 2, 2, 2]: 18, [3, 4, 6, 3]: 34]
    let depth =
      depths[blocks].map { "-\($0)" }
      ?? " of \(blocks.map(String.init).joined(separator: ", ")) blocks"
    let family = groups > 1 ? "ResNeXt" : width > 64 ? "wide ResNet" : "ResNet"
    return family + depth
  }

  /// The depth that the setting would have to be, where it is one of ours.
  var supportedDepth: Int? {
    guard !hasBottlenecks, groups == 1, width == 64 else { return nil }
    return blocks == [2, 2, 2, 2] ? 18 : blocks == [3, 4, 6, 3] ? 34 : nil
  }
}
