/// 1 / (1 + exp(-x)), within some units in the last place, lane by lane; NaN stays NaN.
///
/// exp is taken of -|x| alone, so that nothing overflows and small results keep their digits:
/// 2ⁿ·exp(r) with |r| ≤ ln 2 / 2, the latter by the polynomial of Cephes' expf (Moshier 1989).
@inline(__always)
package func sigmoid(_ x: SIMD16<Float>) -> SIMD16<Float> {
  let isNegative = x .< 0
  let negated = x.replacing(with: -x, where: .!isNegative)
  // Below, the result is denormal or rounds to zero and one.
  let y = negated.replacing(with: Lanes(repeating: -87), where: negated .< -87)
  // Adding 1.5·2²³ rounds to a whole number, which then stands in the lowest bits.
  let magic = Lanes(repeating: 12_582_912)
  let shifted = magic.addingProduct(y, Lanes(repeating: 1.442_695_04))
  let n = shifted - magic
  let r = y.addingProduct(n, Lanes(repeating: -0.693_359_375))
    .addingProduct(n, Lanes(repeating: 2.121_944_4e-4))
  var p = Lanes(repeating: 1.987_569_15e-4)
  p = Lanes(repeating: 1.398_199_95e-3).addingProduct(p, r)
  p = Lanes(repeating: 8.333_451_9e-3).addingProduct(p, r)
  p = Lanes(repeating: 4.166_579_6e-2).addingProduct(p, r)
  p = Lanes(repeating: 1.666_666_55e-1).addingProduct(p, r)
  p = Lanes(repeating: 0.5).addingProduct(p, r)
  p = (r + 1).addingProduct(p, r * r)
  // SAFETY: both are 16 words of 32 bits. n is from -126 to 0, so the exponent is of a normal number.
  let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self)
  let power = unsafeBitCast((bits &+ 127) &<< 23, to: Lanes.self)
  let exponential = p * power
  let positive = 1 / (1 + exponential)
  return positive.replacing(with: exponential * positive, where: isNegative)
}

/// mask = sigmoid(x · scale + shift); out = mask · u, on [rows][64] tiles: attention in training.
func tileGate(
  _ x: UnsafePointer<Float>, _ affine: ChannelAffine, u: UnsafePointer<Float>, rows: Int,
  mask: UnsafeMutablePointer<Float>, out: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel)
    var offset = channel
    for _ in 0..<rows {
      let gate = sigmoid(shift.addingProduct(load(x + offset), scale))
      store(gate, mask + offset)
      store(gate * load(u + offset), out + offset)
      offset &+= tileWidth
    }
  }
}

/// x = sigmoid(x · scale + shift) · u, in place: attention in evaluation.
func tileGate(
  _ x: UnsafeMutablePointer<Float>, _ affine: ChannelAffine, u: UnsafePointer<Float>, rows: Int
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel)
    var offset = channel
    for _ in 0..<rows {
      let gate = sigmoid(shift.addingProduct(load(x + offset), scale))
      store(gate * load(u + offset), x + offset)
      offset &+= tileWidth
    }
  }
}

/// What one task's gate knows of a tile.
struct GateTile {
  /// Gradient of the gate's output, to be multiplied by `factor`.
  let gradient: UnsafePointer<Float>
  let factor: Float
  let mask: UnsafePointer<Float>
  /// The map that the mask was applied to.
  let u: UnsafePointer<Float>
  /// What BatchNorm before the sigmoid normalized.
  let input: NormalizedInput
}

/// A gate backward: with d = gradient · factor and m the mask,
///
///     out = d · u · m · (1 - m)     the gradient of BatchNorm's output
///     shared = d · m                 the gradient of u; added to the other tasks' if `adding`
///
/// and the sums of BatchNorm's backward pass: sum = Σ out, product = Σ out · (x - mean).
func tileGateBackward(
  _ gate: GateTile, rows: Int, out: UnsafeMutablePointer<Float>,
  shared: UnsafeMutablePointer<Float>, adding: Bool, sum: UnsafeMutablePointer<Float>,
  product: UnsafeMutablePointer<Float>
) {
  let factor = Lanes(repeating: gate.factor)
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let mean = load(gate.input.mean + channel)
    var s = Lanes.zero
    var p = Lanes.zero
    var offset = channel
    for _ in 0..<rows {
      let m = load(gate.mask + offset)
      let spread = load(gate.gradient + offset) * factor * m
      let others = adding ? load(shared + offset) : Lanes.zero
      store(others + spread, shared + offset)
      let value = spread * load(gate.u + offset) * (1 - m)
      store(value, out + offset)
      s += value
      p = p.addingProduct(value, load(gate.input.x + offset) - mean)
      offset &+= tileWidth
    }
    store(s, sum + channel)
    store(p, product + channel)
  }
}
