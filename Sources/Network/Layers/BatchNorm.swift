import Tensors

/// BatchNorm over all samples and pixels of a channel (Ioffe, Szegedy 2015), with PyTorch's
/// constants: epsilon 1e-5, momentum 0.1, running variance unbiased.
///
/// The layer itself is only per-channel numbers. Passes over activations are fused into the
/// convolutions' tiles and the element-wise work around them; they leave partial sums per tile,
/// which are added up here in the order of the tiles.
///
/// One layer may be used several times in a step: see `init(sharing:blockCapacity:)`.
final class BatchNorm {
  static let epsilon: Double = 1e-5
  static let momentum: Float = 0.1

  let name: String
  let channelCount: Int
  let weight: ParameterEntry
  let bias: ParameterEntry
  let running: RunningStatistics

  /// Per-channel numbers, `channelCount` each.
  let mean: UnsafeMutablePointer<Float>
  let inverseDeviation: UnsafeMutablePointer<Float>
  let scale: UnsafeMutablePointer<Float>
  let shift: UnsafeMutablePointer<Float>
  let a: UnsafeMutablePointer<Float>
  let b: UnsafeMutablePointer<Float>
  let c: UnsafeMutablePointer<Float>

  /// Two numbers per tile and channel, [tile][channelCount]: moments forward, sums backward. What
  /// a tile is, who makes them says (`NormPartials`).
  let first: UnsafeMutablePointer<Float>
  let second: UnsafeMutablePointer<Float>

  let positionCount: Int
  private let memory: AlignedBuffer

  /// - Parameter blockCapacity: the most blocks of samples.
  convenience init(
    name: String, channelCount: Int, size: MapSize, blockCapacity: Int, table: ParameterTable
  ) throws {
    try self.init(
      name: name, weight: table.addPlain("\(name).weight", shape: [channelCount]),
      bias: table.addPlain("\(name).bias", shape: [channelCount]),
      running: RunningStatistics(channelCount: channelCount), positionCount: size.positionCount,
      blockCapacity: blockCapacity)
  }

  /// Another use of the same layer within a step: parameters and running statistics are the other
  /// one's, the batch's numbers its own.
  convenience init(sharing other: BatchNorm, blockCapacity: Int) throws {
    try self.init(
      name: other.name, weight: other.weight, bias: other.bias, running: other.running,
      positionCount: other.positionCount, blockCapacity: blockCapacity)
  }

  private init(
    name: String, weight: ParameterEntry, bias: ParameterEntry, running: RunningStatistics,
    positionCount: Int, blockCapacity: Int
  ) throws {
    self.name = name
    self.weight = weight
    self.bias = bias
    self.running = running
    self.positionCount = positionCount
    channelCount = running.channelCount
    let partials = positionCount * blockCapacity * channelCount
    memory = try AlignedBuffer(count: 7 * channelCount + 2 * partials)
    let base = memory.pointer
    mean = base
    inverseDeviation = base + channelCount
    scale = base + 2 * channelCount
    shift = base + 3 * channelCount
    a = base + 4 * channelCount
    b = base + 5 * channelCount
    c = base + 6 * channelCount
    first = base + 7 * channelCount
    second = first + partials
  }

  /// Where tile `tile` of channel block `block` leaves its first number; the second likewise.
  @inline(__always)
  func partial(tile: Int, block: Int) -> Int { tile &* channelCount &+ block &* tileWidth }

  func affine(block: Int) -> ChannelAffine {
    ChannelAffine(scale: scale + block * tileWidth, shift: shift + block * tileWidth)
  }

  func gradient(block: Int) -> ChannelGradient {
    let offset = block * tileWidth
    return ChannelGradient(a: a + offset, b: b + offset, c: c + offset)
  }
}

extension BatchNorm {
  /// Takes scale and shift from the running statistics: evaluation.
  func useRunningStatistics(parameters: UnsafePointer<Float>) {
    for i in 0..<channelCount {
      mean[i] = running.mean[i]
      let variance = Double(running.variance[i])
      inverseDeviation[i] = Float(1 / (variance + BatchNorm.epsilon).squareRoot())
    }
    setAffine(parameters)
  }

  /// Adds up the partial moments to batch statistics, and moves the running ones.
  func useBatchStatistics(
    on runner: RegionRunner, parameters: UnsafePointer<Float>, _ partials: NormPartials
  ) {
    runner.run(NormStatistics(norm: self, parameters: parameters, partials: partials))
    running.batchesTracked += 1
  }

  /// Adds up the tiles' Σ g and Σ g·(x - mean) to the gradients of weight and bias, and makes the
  /// coefficients of the input's gradient.
  ///
  /// - Parameters:
  ///   - sums: the layer whose tiles hold Σ g: the other one at the end of a block with a
  ///     convolution in its shortcut, else this one.
  ///   - partials: the tiles.
  func finishGradients(
    on runner: RegionRunner, sums: BatchNorm, parameters: UnsafePointer<Float>,
    gradients: UnsafeMutablePointer<Float>, accumulate: Bool, _ partials: NormPartials
  ) {
    runner.run(
      NormGradients(
        norm: self, sums: sums, parameters: parameters, gradients: gradients,
        accumulate: accumulate, partials: partials))
  }

  /// The input's gradient where the running statistics were used, which do not depend on it.
  func passGradients() {
    for i in 0..<channelCount {
      a[i] = scale[i]
      b[i] = 0
      c[i] = 0
    }
  }

  /// - Parameter channels: all where nil.
  func setAffine(_ parameters: UnsafePointer<Float>, channels: Range<Int>? = nil) {
    let weights = parameters + weight.offset
    let biases = parameters + bias.offset
    for i in channels ?? 0..<channelCount {
      scale[i] = weights[i] * inverseDeviation[i]
      shift[i] = biases[i] - mean[i] * scale[i]
    }
  }

  /// Numbers of 16 channels that a tile left.
  @inline(__always)
  func widened(_ partials: UnsafeMutablePointer<Float>, _ tile: Int, _ channel: Int)
    -> SIMD16<Double>
  {
    SIMD16<Double>(load(partials + (tile &* channelCount &+ channel)))
  }
}

/// The tiles whose moments or sums a BatchNorm adds up, in one order: some for every block of
/// samples.
struct NormPartials {
  /// Values per channel in each tile of a block.
  private let rows: [Double]
  private let tilesPerBlock: Int

  /// A tile for every block of samples and pixel: tile = block · pixels + pixel.
  init(_ plan: BatchPlan, positionCount: Int) {
    rows = plan.blocks.map { Double($0.rows) }
    tilesPerBlock = positionCount
  }

  /// A tile for every chunk of samples, all pixels of the map in it: fewer than the tiles per pixel
  /// and block, for which there is room.
  init(_ plan: ChunkPlan, positionCount: Int) {
    let samples = plan.chunks.reduce(0) { $0 + $1.sampleCount }
    precondition(
      plan.chunks.count <= BatchPlan.blockCount(sampleCount: samples) * positionCount,
      "\(plan.chunks.count) chunks do not fit a map of \(positionCount) pixels")
    rows = plan.chunks.map { Double($0.sampleCount * positionCount) }
    tilesPerBlock = 1
  }

  var tileCount: Int { rows.count * tilesPerBlock }

  /// Values per channel.
  var count: Double { rows.reduce(0, +) * Double(tilesPerBlock) }

  /// Calls `body(tile, values in the tile)` for all tiles, in order.
  @inline(__always)
  func forEachTile(_ body: (Int, Double) -> Void) {
    for (block, rows) in rows.enumerated() {
      for tile in 0..<tilesPerBlock { body(block &* tilesPerBlock &+ tile, rows) }
    }
  }
}

extension BatchPlan {
  /// The tiles of a map that a convolution makes, or whose gradient its input gradient makes.
  func partials(of convolution: Convolution?, positionCount: Int) -> NormPartials {
    if let tiling = convolution?.tiling {
      return NormPartials(chunkPlan(tiling), positionCount: positionCount)
    }
    return NormPartials(self, positionCount: positionCount)
  }
}

/// What BatchNorm keeps from step to step beside its parameters.
final class RunningStatistics {
  let channelCount: Int
  /// `channelCount` each.
  let mean: UnsafeMutablePointer<Float>
  let variance: UnsafeMutablePointer<Float>
  var batchesTracked: Int64 = 0

  private let memory: AlignedBuffer

  init(channelCount: Int) throws {
    self.channelCount = channelCount
    memory = try AlignedBuffer(count: 2 * channelCount)
    mean = memory.pointer
    variance = memory.pointer + channelCount
    for i in 0..<channelCount { variance[i] = 1 }
  }
}
