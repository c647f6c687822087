import Experiment
import Tensors

/// A task's attention over one stage of the trunk (Liu, Johns, Davison 2019, section 3.1):
///
///     mask = sigmoid(BN(conv1×1(ReLU(BN(conv1×1(bottom, p))))))      attended = mask · top
///
/// where bottom and top come out of the stage's last block but one and its last, and p is what the
/// encoder made of the attended features of the stage before.
final class AttentionModule {
  let convolution1: Convolution
  let norm1: BatchNorm
  let convolution2: Convolution
  let norm2: BatchNorm

  /// Outputs of the convolutions, of ReLU and of the sigmoid, and the product.
  let x1: FeatureMap
  let y1: FeatureMap
  let x2: FeatureMap
  let mask: FeatureMap
  let attended: FeatureMap
  /// Gradient of `x1`; the trunk's backward pass reads it, after that of all stages.
  let gradient1: FeatureMap

  init(
    name: String, inputs: Int, channels: Int, size: MapSize, blockCapacity: Int,
    table: ParameterTable, memory: MapAllocator
  ) throws {
    // The authors have a quarter of the channels. A tile is 64 channels wide, whatever is in it.
    let middle = max(channels / 4, tileWidth)
    convolution1 = Convolution(
      name: "\(name).conv1.weight", inputs: inputs, outputs: middle, kernel: 1, stride: 1,
      size: size, isRounded: false, table: table)
    norm1 = try BatchNorm(
      name: "\(name).bn1", channelCount: middle, size: size, blockCapacity: blockCapacity,
      table: table)
    convolution2 = Convolution(
      name: "\(name).conv2.weight", inputs: middle, outputs: channels, kernel: 1, stride: 1,
      size: size, isRounded: false, table: table)
    norm2 = try BatchNorm(
      name: "\(name).bn2", channelCount: channels, size: size, blockCapacity: blockCapacity,
      table: table)
    x1 = try memory.map(size, channels: middle)
    y1 = try memory.map(size, channels: middle)
    x2 = try memory.map(size, channels: channels)
    mask = try memory.map(size, channels: channels)
    attended = try memory.map(size, channels: channels)
    gradient1 = try memory.map(size, channels: middle)
  }
}

/// Brings attended features to the next stage: 3×3 convolution to twice the channels, BatchNorm,
/// ReLU, max-pool 2×2 to half the size, rounded up as the trunk's strides do.
///
/// All tasks go through the same parameters, one after another: batch statistics are each task's
/// own, and the running ones move once for every task, in their order, as with a PyTorch module
/// that is called so.
final class AttentionEncoder {
  let convolution: Convolution
  let poolTaps: WindowTaps
  /// By task: one BatchNorm, seen by several calls.
  let norms: [BatchNorm]
  /// By task: the convolution's output, the pooled map, and the winners.
  let outputs: [FeatureMap]
  let pooled: [FeatureMap]
  let winners: [FeatureMap]

  init(
    name: String, channels: Int, size: MapSize, taskCount: Int, blockCapacity: Int,
    table: ParameterTable, memory: MapAllocator
  ) throws {
    convolution = Convolution(
      name: "\(name).conv1.weight", inputs: channels, outputs: 2 * channels, kernel: 3, stride: 1,
      size: size, table: table)
    let norm = try BatchNorm(
      name: "\(name).bn1", channelCount: 2 * channels, size: size, blockCapacity: blockCapacity,
      table: table)
    norms =
      try [norm]
      + (1..<max(taskCount, 1)).map { _ in
        try BatchNorm(sharing: norm, blockCapacity: blockCapacity)
      }
    poolTaps = WindowTaps(input: size, kernel: 2, stride: 2, padding: 0, roundingUp: true)
    func maps(_ size: MapSize) throws -> [FeatureMap] {
      try (0..<taskCount).map { _ in try memory.map(size, channels: 2 * channels) }
    }
    outputs = try maps(size)
    pooled = try maps(poolTaps.output)
    winners = try maps(poolTaps.output)
  }
}

/// The attention over one stage: a module for every task.
struct AttentionStage {
  /// The trunk's blocks, by index.
  let bottom: Int
  let top: Int
  /// By task.
  let modules: [AttentionModule]
  /// From here to the next stage; nil after the last.
  let encoder: AttentionEncoder?
  /// Gradient of what the top block makes, summed over the tasks' gates.
  let topGradient: FeatureMap
}

/// MTAN's part beside the trunk: attention for every stage and task, and the encoders that all
/// tasks share.
final class AttentionNetwork {
  let stages: [AttentionStage]
  /// By task: the mean of the last attended map, [N×512] as one pixel, and its gradient.
  let features: [FeatureMap]
  let featureGradients: [FeatureMap]

  /// By task, gradients on their way down: of attended maps; inside a module and of pooled maps; of
  /// an encoder's convolution.
  let outerGradients: [UnsafeMutablePointer<Float>]
  let innerGradients: [UnsafeMutablePointer<Float>]
  let encodedGradients: [UnsafeMutablePointer<Float>]

  private let memory: MapAllocator

  init(
    trunk: Trunk, architecture: TrunkArchitecture, taskCount: Int, blockCapacity: Int,
    table: ParameterTable, memory: MapAllocator
  ) throws {
    self.memory = memory
    var tops: [Int] = []
    for count in architecture.blockCounts { tops.append((tops.last ?? -1) + count) }
    let maps = tops.map { trunk.blocks[$0].output }
    let encoders = try maps.dropLast().enumerated().map { index, map in
      try AttentionEncoder(
        name: "\(HydraNet.encoderPrefix)layer\(index + 1)",
        channels: map.blockCount * tileWidth, size: map.size, taskCount: taskCount,
        blockCapacity: blockCapacity, table: table, memory: memory)
    }
    let modules = try (0..<taskCount).map { task in
      try maps.enumerated().map { index, map in
        let channels = map.blockCount * tileWidth
        return try AttentionModule(
          name: "\(HydraNet.attentionPrefix(task: task))layer\(index + 1)",
          inputs: index == 0 ? channels : 2 * channels, channels: channels, size: map.size,
          blockCapacity: blockCapacity, table: table, memory: memory)
      }
    }
    stages = try tops.indices.map { index in
      let map = maps[index]
      return AttentionStage(
        bottom: tops[index] - 1, top: tops[index], modules: modules.map { $0[index] },
        encoder: index < encoders.count ? encoders[index] : nil,
        topGradient: try memory.map(map.size, channels: map.blockCount * tileWidth))
    }
    let pixel = MapSize(height: 1, width: 1)
    func pixels() throws -> [FeatureMap] {
      try (0..<taskCount).map { _ in try memory.map(pixel, channels: architecture.featureCount) }
    }
    features = try pixels()
    featureGradients = try pixels()
    func scratch(_ maps: [FeatureMap]) throws -> [UnsafeMutablePointer<Float>] {
      let counts = maps.map { memory.floatCount($0.size, channels: $0.blockCount * tileWidth) }
      return try (0..<taskCount).map { _ in try memory.floats(counts.max() ?? 0) }
    }
    outerGradients = try scratch(maps)
    innerGradients = try scratch(maps)
    encodedGradients = try scratch(encoders.flatMap(\.outputs))
  }

  /// Every BatchNorm with parameters and running statistics of its own.
  var norms: [BatchNorm] {
    encoders.map { $0.norms[0] } + modules.flatMap { [$0.norm1, $0.norm2] }
  }

  var encoders: [AttentionEncoder] { stages.compactMap(\.encoder) }

  private var modules: [AttentionModule] { stages.flatMap(\.modules) }

  /// The most operands that one tile adds up, the trunk's own aside.
  var addressCapacity: Int {
    (modules.flatMap { [$0.convolution1, $0.convolution2] } + encoders.map(\.convolution))
      .map(\.addressCapacity).max() ?? 0
  }

  /// The most operands that the modules add to a tile of a trunk's gradient.
  var sharedAddressCapacity: Int {
    stages.map { $0.modules.reduce(0) { $0 + $1.convolution1.outputBlocks } }.max() ?? 0
  }

  /// Multiply-adds of one sample's forward pass.
  func multiplyAdds(_ count: OperationCount) -> Int {
    modules.reduce(0) {
      $0 + $1.convolution1.multiplyAdds(count) + $1.convolution2.multiplyAdds(count)
    } + encoders.reduce(0) { $0 + $1.norms.count * $1.convolution.multiplyAdds(count) }
  }

  /// What the modules add to the gradient of a block's output, where they read it.
  func sources(readingBlock index: Int) -> [ConvolutionInputGradient.Source] {
    guard let stage = stages.first(where: { $0.bottom == index }) else { return [] }
    return stage.modules.map { .init(convolution: $0.convolution1, gradient: $0.gradient1) }
  }

  /// Where the gradient of a block's output is begun by the gates that read it, or nil.
  func gradient(ofBlock index: Int) -> FeatureMap? {
    stages.first { $0.top == index }?.topGradient
  }
}
