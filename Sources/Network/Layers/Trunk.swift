import Experiment
import Tensors

/// Two 3×3 convolutions with a shortcut around them (He et al. 2016, figure 2).
final class ResidualBlock {
  let convolution1: Convolution
  let norm1: BatchNorm
  let convolution2: Convolution
  let norm2: BatchNorm
  /// The shortcut's 1×1 convolution, where the block changes the map's size or depth.
  let projection: (convolution: Convolution, norm: BatchNorm)?

  /// Outputs of the convolutions, of the first ReLU, and of the block.
  var x1: FeatureMap
  var y1: FeatureMap
  var x2: FeatureMap
  var projected: FeatureMap?
  var output: FeatureMap

  init(
    name: String, inputs: Int, outputs: Int, stride: Int, size: MapSize, blockCapacity: Int,
    table: ParameterTable, memory: MapAllocator
  ) throws {
    func norm(_ part: String, _ size: MapSize) throws -> BatchNorm {
      try BatchNorm(
        name: "\(name).\(part)", channelCount: outputs, size: size, blockCapacity: blockCapacity,
        table: table)
    }
    convolution1 = Convolution(
      name: "\(name).conv1.weight", inputs: inputs, outputs: outputs, kernel: 3, stride: stride,
      size: size, table: table)
    let out = convolution1.taps.output
    norm1 = try norm("bn1", out)
    convolution2 = Convolution(
      name: "\(name).conv2.weight", inputs: outputs, outputs: outputs, kernel: 3, stride: 1,
      size: out, table: table)
    norm2 = try norm("bn2", out)
    if stride != 1 || inputs != outputs {
      let convolution = Convolution(
        name: "\(name).downsample.0.weight", inputs: inputs, outputs: outputs, kernel: 1,
        stride: stride, size: size, table: table)
      projection = (convolution, try norm("downsample.1", out))
      projected = try memory.map(out, channels: outputs)
    } else {
      projection = nil
      projected = nil
    }
    x1 = try memory.map(out, channels: outputs)
    y1 = try memory.map(out, channels: outputs)
    x2 = try memory.map(out, channels: outputs)
    output = try memory.map(out, channels: outputs)
  }

  var convolutions: [Convolution] {
    [convolution1, convolution2] + (projection.map { [$0.convolution] } ?? [])
  }

  var norms: [BatchNorm] { [norm1, norm2] + (projection.map { [$0.norm] } ?? []) }

  /// The BatchNorm at the block's end and its input.
  var main: NormInput { NormInput(norm: norm2, map: x2) }

  /// The shortcut's BatchNorm and its input, or nil where the shortcut is the identity.
  var shortcut: NormInput? {
    guard let projection, let projected else { return nil }
    return NormInput(norm: projection.norm, map: projected)
  }
}

/// The network up to the shared features: stem, residual blocks, global average.
final class Trunk {
  let stem: StemConvolution
  let stemNorm: BatchNorm
  let poolTaps: WindowTaps
  let blocks: [ResidualBlock]

  /// The first convolution's output, its gradient, the pooled map and the winners.
  let stemOutput: FeatureMap
  let stemGradient: FeatureMap
  let pooled: FeatureMap
  let winner: FeatureMap
  /// [N×512] as one pixel, and its gradient.
  let features: FeatureMap
  let featureGradient: FeatureMap
  /// Gradients between blocks (two, in turn) and inside a block (main path and projection).
  let blockGradients: [UnsafeMutablePointer<Float>]
  let innerGradient: UnsafeMutablePointer<Float>
  let outerGradient: UnsafeMutablePointer<Float>
  let projectionGradient: UnsafeMutablePointer<Float>
  let stemPieces: UnsafeMutablePointer<Float>

  private let memory: MapAllocator

  /// - Throws: `MemoryError`.
  init(
    architecture: TrunkArchitecture, stemPool: StemPool, input: InputLayout, table: ParameterTable
  ) throws {
    let memory = MapAllocator(batchCapacity: input.batchCapacity)
    self.memory = memory
    let blockCapacity = BatchPlan.blockCount(sampleCount: input.batchCapacity)
    stem = StemConvolution(name: "net.conv1.weight", input: input, table: table)
    stemNorm = try BatchNorm(
      name: "net.bn1", channelCount: tileWidth, size: stem.size, blockCapacity: blockCapacity,
      table: table)
    poolTaps =
      switch stemPool {
      case .max: WindowTaps(input: stem.size, kernel: 3, stride: 2, padding: 1)
      // The largest of one pixel: BatchNorm and ReLU are left.
      case .none: WindowTaps(input: stem.size, kernel: 1, stride: 1, padding: 0)
      }
    stemOutput = try memory.map(stem.size, channels: tileWidth)
    stemGradient = try memory.map(stem.size, channels: tileWidth)
    pooled = try memory.map(poolTaps.output, channels: tileWidth)
    winner = try memory.map(poolTaps.output, channels: tileWidth)

    var size = poolTaps.output
    var channels = tileWidth
    var blocks: [ResidualBlock] = []
    for (layer, count) in architecture.blockCounts.enumerated() {
      let outputs = tileWidth << layer
      for index in 0..<count {
        let block = try ResidualBlock(
          name: "net.layer\(layer + 1).\(index)", inputs: channels, outputs: outputs,
          stride: index == 0 && layer > 0 ? 2 : 1, size: size, blockCapacity: blockCapacity,
          table: table, memory: memory)
        blocks.append(block)
        size = block.convolution1.taps.output
        channels = outputs
      }
    }
    self.blocks = blocks
    let pixel = MapSize(height: 1, width: 1)
    features = try memory.map(pixel, channels: channels)
    featureGradient = try memory.map(pixel, channels: channels)

    let maps =
      [(poolTaps.output, tileWidth)]
      + blocks.map {
        ($0.convolution1.taps.output, $0.convolution1.outputBlocks * tileWidth)
      }
    let largest = maps.map { memory.floatCount($0.0, channels: $0.1) }.max() ?? 0
    blockGradients = [try memory.floats(largest), try memory.floats(largest)]
    innerGradient = try memory.floats(largest)
    outerGradient = try memory.floats(largest)
    projectionGradient = try memory.floats(largest)
    stemPieces = try memory.floats(stem.pieceCount * stem.weight.count)
  }

  var convolutions: [Convolution] { blocks.flatMap(\.convolutions) }

  /// Every BatchNorm, in PyTorch's order.
  var norms: [BatchNorm] { [stemNorm] + blocks.flatMap(\.norms) }

  /// The last block's output.
  var lastMap: FeatureMap { blocks[blocks.count - 1].output }
}

/// Hands out memory for the maps of a batch, and keeps it. Small maps share mappings, so that all of
/// them lie in huge pages.
final class MapAllocator {
  let batchCapacity: Int
  private var slabs: [AlignedBuffer] = []
  /// Floats of the last slab that are taken.
  private var taken = 0

  private static let slabCount = 8 << 20

  init(batchCapacity: Int) { self.batchCapacity = batchCapacity }

  func floatCount(_ size: MapSize, channels: Int) -> Int {
    FeatureMap.floatCount(
      size: size, blockCount: channels / tileWidth, sampleCount: batchCapacity)
  }

  func map(_ size: MapSize, channels: Int) throws -> FeatureMap {
    try FeatureMap(
      pointer: floats(floatCount(size, channels: channels)), size: size,
      blockCount: channels / tileWidth)
  }

  /// `count` zeros, aligned to 64 bytes.
  func floats(_ count: Int) throws -> UnsafeMutablePointer<Float> {
    let rounded = (count + 15) / 16 * 16
    if let slab = slabs.last, rounded <= slab.count - taken {
      taken += rounded
      return slab.pointer + (taken - rounded)
    }
    let slab = try AlignedBuffer(count: max(rounded, MapAllocator.slabCount))
    slabs.append(slab)
    taken = rounded
    return slab.pointer
  }
}
