/// A BatchNorm's input and its batch mean at a tile: what the sums of its backward pass need.
struct NormalizedInput {
  /// [rows][64], before normalization.
  let x: UnsafePointer<Float>
  /// 64 batch means.
  let mean: UnsafePointer<Float>
}

/// Masks a gradient by ReLU and takes the sums that BatchNorm's backward pass needs, in one pass:
/// g = g where y > 0; sum = Σ g; product = Σ g · (x - mean), per channel.
///
/// - Parameters:
///   - g: [rows][64], gradient of the output of ReLU; masked in place.
///   - y: output of ReLU.
func tileMaskAndSum(
  _ g: UnsafeMutablePointer<Float>, y: UnsafePointer<Float>, input: NormalizedInput, rows: Int,
  sum: UnsafeMutablePointer<Float>, product: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let mean = load(input.mean + channel)
    var s = Lanes.zero
    var p = Lanes.zero
    var offset = channel
    for _ in 0..<rows {
      let value = load(g + offset).masked(by: load(y + offset))
      store(value, g + offset)
      s += value
      p = p.addingProduct(value, load(input.x + offset) - mean)
      offset &+= tileWidth
    }
    store(s, sum + channel)
    store(p, product + channel)
  }
}

/// product = Σ g · (x - mean), per channel: the second BatchNorm of a block's end, whose Σ g is the
/// first one's.
func tileProduct(
  _ g: UnsafePointer<Float>, input: NormalizedInput, rows: Int,
  product: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let mean = load(input.mean + channel)
    var p = Lanes.zero
    var offset = channel
    for _ in 0..<rows {
      p = p.addingProduct(load(g + offset), load(input.x + offset) - mean)
      offset &+= tileWidth
    }
    store(p, product + channel)
  }
}

/// g = g where y > 0, on a [rows][64] tile.
func tileMask(_ g: UnsafeMutablePointer<Float>, y: UnsafePointer<Float>, rows: Int) {
  // SAFETY: both tiles have rows · 64 floats, a multiple of 16.
  for offset in stride(from: 0, to: rows &* tileWidth, by: 16) {
    store(load(g + offset).masked(by: load(y + offset)), g + offset)
  }
}

/// The 64 coefficients of BatchNorm's gradient, `g · a + x · b + c`.
struct ChannelGradient {
  let a: UnsafePointer<Float>
  let b: UnsafePointer<Float>
  let c: UnsafePointer<Float>
}

extension ChannelGradient {
  /// The coefficients of 16 channels.
  struct OfLanes {
    let a: Lanes
    let b: Lanes
    let c: Lanes

    @inline(__always)
    func apply(_ g: Lanes, _ x: Lanes) -> Lanes { c.addingProduct(g, a).addingProduct(x, b) }
  }

  @inline(__always)
  func lanes(at channel: Int) -> OfLanes {
    OfLanes(a: load(a + channel), b: load(b + channel), c: load(c + channel))
  }
}

/// out = g · a + x · b + c: the gradient of a BatchNorm's input. `out` may be `g`.
func tileInputGradient(
  _ g: UnsafePointer<Float>, x: UnsafePointer<Float>, _ coefficients: ChannelGradient, rows: Int,
  out: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let channels = coefficients.lanes(at: channel)
    var offset = channel
    for _ in 0..<rows {
      store(channels.apply(load(g + offset), load(x + offset)), out + offset)
      offset &+= tileWidth
    }
  }
}
