import Checksums
import Glibc

/// Random numbers that are a pure function of (seed, stream, index): any thread may draw any of
/// them, in any order.
///
/// The mixing function is SplitMix64's (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014).
struct CounterRandom: Sendable {
  private let key: UInt64

  /// - Parameter stream: names an independent sequence, such as a parameter's name.
  init(seed: UInt64, stream: String) {
    // FNV-1a over the name, then mixed with the seed.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    key = SplitMix64.mix(SplitMix64.mix(seed) ^ hash)
  }

  /// 64 random bits.
  @inline(__always)
  func bits(_ index: Int) -> UInt64 {
    SplitMix64.mix(key &+ UInt64(truncatingIfNeeded: index) &* SplitMix64.increment)
  }

  /// Uniform from -bound to below bound.
  @inline(__always)
  func uniform(_ index: Int, bound: Float) -> Float {
    Float(bits(index) >> 40) * 0x1p-23 * bound - bound
  }

  /// Two independent standard normal numbers (Box, Muller 1958).
  @inline(__always)
  func normalPair(_ index: Int) -> (Float, Float) {
    let word = bits(index)
    // (0, 1], so that the logarithm is finite.
    let radius = sqrtf(-2 * logf(Float((word >> 40) &+ 1) * 0x1p-24))
    let angle = Float(word & 0xFF_FFFF) * (0x1p-24 * 2 * Float.pi)
    return (radius * cosf(angle), radius * sinf(angle))
  }
}
