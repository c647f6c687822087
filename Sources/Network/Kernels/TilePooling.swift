/// One input tile of a pooling window, and the tap that it stands for.
struct PoolingSource {
  let x: UnsafePointer<Float>
  let tap: Float
}

/// Maximum over the window of x · scale + shift, then ReLU; BatchNorm, ReLU and max-pool in one
/// pass over the convolution's output.
///
/// - Parameters:
///   - sources: the tiles that the window meets, taps ascending; the first of equal values wins, as
///     in PyTorch.
///   - winner: [rows][64], the tap of each maximum, as a float.
func tilePool(
  _ sources: UnsafeBufferPointer<PoolingSource>, _ affine: ChannelAffine, rows: Int,
  out: UnsafeMutablePointer<Float>, winner: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel)
    var offset = channel
    for _ in 0..<rows {
      var best = shift.addingProduct(load(sources[0].x + offset), scale)
      var tap = Lanes(repeating: sources[0].tap)
      for i in 1..<sources.count {
        let value = shift.addingProduct(load(sources[i].x + offset), scale)
        // Not ".>": a NaN must win, so that a broken step is seen.
        let wins = .!(value .<= best)
        best = best.replacing(with: value, where: wins)
        tap = tap.replacing(with: Lanes(repeating: sources[i].tap), where: wins)
      }
      store(best.rectified, out + offset)
      store(tap, winner + offset)
      offset &+= tileWidth
    }
  }
}

/// One output tile whose window contains an input pixel, through a tap.
struct UnpoolingSource {
  /// Gradient of the pooled map, already masked by ReLU.
  let g: UnsafePointer<Float>
  let winner: UnsafePointer<Float>
  let tap: Float
}

/// Collects the gradient of one pixel under the pooling windows, and the sums for BatchNorm's
/// backward pass: out = Σ g where the pixel won; sum = Σ out; product = Σ out · (x - mean).
func tileUnpool(
  _ sources: UnsafeBufferPointer<UnpoolingSource>, input: NormalizedInput, rows: Int,
  out: UnsafeMutablePointer<Float>, sum: UnsafeMutablePointer<Float>,
  product: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let mean = load(input.mean + channel)
    var s = Lanes.zero
    var p = Lanes.zero
    var offset = channel
    for _ in 0..<rows {
      var value = Lanes.zero
      for source in sources {
        let won = load(source.winner + offset) .== Lanes(repeating: source.tap)
        value += Lanes.zero.replacing(with: load(source.g + offset), where: won)
      }
      store(value, out + offset)
      s += value
      p = p.addingProduct(value, load(input.x + offset) - mean)
      offset &+= tileWidth
    }
    store(s, sum + channel)
    store(p, product + channel)
  }
}
