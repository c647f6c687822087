import Tensors

/// BatchNorm over all samples and pixels of a channel (Ioffe, Szegedy 2015), with PyTorch's
/// constants: epsilon 1e-5, momentum 0.1, running variance unbiased.
///
/// The layer itself is only per-channel numbers. Passes over activations are fused into the
/// convolutions' tiles and the element-wise work around them; they leave partial sums per tile,
/// which are added up here in the order of the tiles.
final class BatchNorm {
  static let epsilon: Double = 1e-5
  static let momentum: Float = 0.1

  let name: String
  let channelCount: Int
  let weight: ParameterEntry
  let bias: ParameterEntry
  var batchesTracked: Int64 = 0

  /// Per-channel numbers, `channelCount` each.
  let runningMean: UnsafeMutablePointer<Float>
  let runningVariance: UnsafeMutablePointer<Float>
  let mean: UnsafeMutablePointer<Float>
  let inverseDeviation: UnsafeMutablePointer<Float>
  let scale: UnsafeMutablePointer<Float>
  let shift: UnsafeMutablePointer<Float>
  let a: UnsafeMutablePointer<Float>
  let b: UnsafeMutablePointer<Float>
  let c: UnsafeMutablePointer<Float>

  /// Two numbers per tile and channel, [tile][channelCount]: moments forward, sums backward. Tile
  /// = block of samples · pixels + pixel.
  let first: UnsafeMutablePointer<Float>
  let second: UnsafeMutablePointer<Float>

  let positionCount: Int
  private let memory: AlignedBuffer

  /// - Parameter tileCapacity: pixels times the most blocks of samples.
  init(name: String, channelCount: Int, size: MapSize, blockCapacity: Int, table: ParameterTable) {
    self.name = name
    self.channelCount = channelCount
    weight = table.addPlain("\(name).weight", shape: [channelCount])
    bias = table.addPlain("\(name).bias", shape: [channelCount])
    positionCount = size.positionCount
    let partials = positionCount * blockCapacity * channelCount
    memory = AlignedBuffer(count: 9 * channelCount + 2 * partials)
    let base = memory.pointer
    runningMean = base
    runningVariance = base + channelCount
    mean = base + 2 * channelCount
    inverseDeviation = base + 3 * channelCount
    scale = base + 4 * channelCount
    shift = base + 5 * channelCount
    a = base + 6 * channelCount
    b = base + 7 * channelCount
    c = base + 8 * channelCount
    first = base + 9 * channelCount
    second = first + partials
    for i in 0..<channelCount { runningVariance[i] = 1 }
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
      mean[i] = runningMean[i]
      inverseDeviation[i] = Float(1 / (Double(runningVariance[i]) + BatchNorm.epsilon).squareRoot())
    }
    setAffine(parameters)
  }

  /// Adds up the tiles' moments to batch statistics, and moves the running ones.
  ///
  /// Means and squares of tiles are combined as by Chan, Golub and LeVeque ("Updating Formulae and
  /// a Pairwise Algorithm for Computing Sample Variances", 1979), in double precision.
  func useBatchStatistics(parameters: UnsafePointer<Float>, plan: BatchPlan) {
    let count = Double(positionCount * plan.sampleCount)
    for channel in stride(from: 0, to: channelCount, by: Lanes.scalarCount) {
      var total = SIMD16<Double>.zero
      forEachTile(plan) { tile, rows in
        total.addProduct(widened(first, tile, channel), SIMD16(repeating: rows))
      }
      let mean = total / count
      var squares = SIMD16<Double>.zero
      forEachTile(plan) { tile, rows in
        let deviation = widened(first, tile, channel) - mean
        squares += widened(second, tile, channel)
        squares.addProduct(deviation * deviation, SIMD16(repeating: rows))
      }
      for lane in 0..<Lanes.scalarCount {
        let i = channel + lane
        let variance = squares[lane] / count
        self.mean[i] = Float(mean[lane])
        inverseDeviation[i] = Float(1 / (variance + BatchNorm.epsilon).squareRoot())
        let unbiased = Float(squares[lane] / (count - 1))
        runningMean[i] += BatchNorm.momentum * (self.mean[i] - runningMean[i])
        runningVariance[i] += BatchNorm.momentum * (unbiased - runningVariance[i])
      }
    }
    batchesTracked += 1
    setAffine(parameters)
  }

  /// Adds up the tiles' Σ g and Σ g·(x - mean) to the gradients of weight and bias, and makes the
  /// coefficients of the input's gradient, g·a + x·b + c:
  ///
  ///     dx = w·d·(g - Σg/M - (x - mean)·d²·Σ(g·(x - mean))/M),   d = 1/√(variance + ε)
  ///
  /// - Parameter sums: the layer whose tiles hold Σ g: the other one at the end of a block with a
  ///   convolution in its shortcut, else this one.
  func finishGradients(
    sums: BatchNorm, parameters: UnsafePointer<Float>, gradients: UnsafeMutablePointer<Float>,
    accumulate: Bool, plan: BatchPlan
  ) {
    let count = Double(positionCount * plan.sampleCount)
    let weights = parameters + weight.offset
    for channel in stride(from: 0, to: channelCount, by: Lanes.scalarCount) {
      var sum = SIMD16<Double>.zero
      var product = SIMD16<Double>.zero
      forEachTile(plan) { tile, _ in
        sum += widened(sums.first, tile, channel)
        product += widened(second, tile, channel)
      }
      for lane in 0..<Lanes.scalarCount {
        let i = channel + lane
        let deviation = Double(inverseDeviation[i])
        let scale = Double(weights[i]) * deviation
        let slope = -scale * deviation * deviation * product[lane] / count
        a[i] = Float(scale)
        b[i] = Float(slope)
        c[i] = Float(-scale * sum[lane] / count - slope * Double(mean[i]))
        let weightGradient = Float(product[lane] * deviation)
        let biasGradient = Float(sum[lane])
        gradients[weight.offset + i] =
          accumulate ? gradients[weight.offset + i] + weightGradient : weightGradient
        gradients[bias.offset + i] =
          accumulate ? gradients[bias.offset + i] + biasGradient : biasGradient
      }
    }
  }

  private func setAffine(_ parameters: UnsafePointer<Float>) {
    let weights = parameters + weight.offset
    let biases = parameters + bias.offset
    for i in 0..<channelCount {
      scale[i] = weights[i] * inverseDeviation[i]
      shift[i] = biases[i] - mean[i] * scale[i]
    }
  }

  /// Calls `body(tile, rows of the tile)` in the one order of all sums.
  @inline(__always)
  private func forEachTile(_ plan: BatchPlan, _ body: (Int, Double) -> Void) {
    for (block, samples) in plan.blocks.enumerated() {
      let rows = Double(samples.rows)
      for position in 0..<positionCount { body(block &* positionCount &+ position, rows) }
    }
  }

  @inline(__always)
  private func widened(_ partials: UnsafeMutablePointer<Float>, _ tile: Int, _ channel: Int)
    -> SIMD16<Double>
  {
    SIMD16<Double>(load(partials + (tile &* channelCount &+ channel)))
  }
}
