import Checksums
import Glibc

/// Random numbers as a pure function of (seed, stream, draw): splitmix64 (Steele, Lea, Flood 2014)
/// from a mixed starting point. A run that goes on at step n draws what it would have drawn.
package struct CounterRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64, stream: UInt64) {
    state = SplitMix64.mix(seed) ^ SplitMix64.mix(stream &+ 0xD1B5_4A32_D192_ED03)
  }

  package mutating func next() -> UInt64 {
    state &+= SplitMix64.increment
    return SplitMix64.mix(state)
  }

  /// A draw from the standard normal distribution (Box and Muller 1958).
  package mutating func nextNormal() -> Double {
    let radius = (-2 * log(1 - nextUnit())).squareRoot()
    return radius * cos(2 * .pi * nextUnit())
  }

  /// From 0 to below 1.
  private mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
