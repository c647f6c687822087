import Foundation

/// Random numbers as a pure function of (seed, stream, draw): splitmix64 (Steele, Lea, Flood 2014)
/// from a mixed starting point. A run that goes on at step n draws what it would have drawn.
struct CounterRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64, stream: UInt64) {
    state = Self.mix(seed) ^ Self.mix(stream &+ 0xD1B5_4A32_D192_ED03)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// A draw from the standard normal distribution (Box and Muller 1958).
  mutating func nextNormal() -> Double {
    let radius = (-2 * log(1 - nextUnit())).squareRoot()
    return radius * cos(2 * .pi * nextUnit())
  }

  /// From 0 to below 1.
  private mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
