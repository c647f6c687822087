/// What becomes of the moments that tiles left: batch statistics, and moved running ones. A task is 16
/// channels, each with a sum of its own over all tiles in their order.
///
/// Means and squares of tiles are combined as by Chan, Golub and LeVeque ("Updating Formulae and a
/// Pairwise Algorithm for Computing Sample Variances", 1979), in double precision.
struct NormStatistics: TileWork {
  let norm: BatchNorm
  let parameters: UnsafePointer<Float>
  let partials: NormPartials
  let phase = StepPhase.normalization

  var taskCount: Int { norm.channelCount / Lanes.scalarCount }

  func run(task: Int, on worker: TileWorker) {
    let channel = task * Lanes.scalarCount
    let count = partials.count
    var total = SIMD16<Double>.zero
    partials.forEachTile { tile, rows in
      total.addProduct(norm.widened(norm.first, tile, channel), SIMD16(repeating: rows))
    }
    let mean = total / count
    var squares = SIMD16<Double>.zero
    partials.forEachTile { tile, rows in
      let deviation = norm.widened(norm.first, tile, channel) - mean
      squares += norm.widened(norm.second, tile, channel)
      squares.addProduct(deviation * deviation, SIMD16(repeating: rows))
    }
    let running = norm.running
    for lane in 0..<Lanes.scalarCount {
      let i = channel + lane
      let variance = squares[lane] / count
      norm.mean[i] = Float(mean[lane])
      norm.inverseDeviation[i] = Float(1 / (variance + BatchNorm.epsilon).squareRoot())
      let unbiased = Float(squares[lane] / (count - 1))
      running.mean[i] += BatchNorm.momentum * (norm.mean[i] - running.mean[i])
      running.variance[i] += BatchNorm.momentum * (unbiased - running.variance[i])
    }
    norm.setAffine(parameters, channels: channel..<channel + Lanes.scalarCount)
  }
}

/// What becomes of the sums of BatchNorm's backward pass: the gradients of weight and bias, and the
/// coefficients of the input's gradient, g·a + x·b + c. A task is 16 channels.
///
///     dx = w·d·(g - Σg/M - (x - mean)·d²·Σ(g·(x - mean))/M),   d = 1/√(variance + ε)
struct NormGradients: TileWork {
  let norm: BatchNorm
  /// The layer whose tiles hold Σ g.
  let sums: BatchNorm
  let parameters: UnsafePointer<Float>
  /// The arena of gradients.
  let gradients: UnsafeMutablePointer<Float>
  let accumulate: Bool
  let partials: NormPartials
  let phase = StepPhase.normalization

  var taskCount: Int { norm.channelCount / Lanes.scalarCount }

  func run(task: Int, on worker: TileWorker) {
    let channel = task * Lanes.scalarCount
    let count = partials.count
    let weights = parameters + norm.weight.offset
    let weightGradients = gradients + norm.weight.offset
    let biasGradients = gradients + norm.bias.offset
    var sum = SIMD16<Double>.zero
    var product = SIMD16<Double>.zero
    partials.forEachTile { tile, _ in
      sum += sums.widened(sums.first, tile, channel)
      product += norm.widened(norm.second, tile, channel)
    }
    for lane in 0..<Lanes.scalarCount {
      let i = channel + lane
      let deviation = Double(norm.inverseDeviation[i])
      let scale = Double(weights[i]) * deviation
      let slope = -scale * deviation * deviation * product[lane] / count
      norm.a[i] = Float(scale)
      norm.b[i] = Float(slope)
      norm.c[i] = Float(-scale * sum[lane] / count - slope * Double(norm.mean[i]))
      let weightGradient = Float(product[lane] * deviation)
      let biasGradient = Float(sum[lane])
      weightGradients[i] = accumulate ? weightGradients[i] + weightGradient : weightGradient
      biasGradients[i] = accumulate ? biasGradients[i] + biasGradient : biasGradient
    }
  }
}
