import Checksums

/// SplitMix64 (Steele, Lea, Flood 2014): a stream of numbers that depends on its seed alone.
struct RandomSource {
  private var state: UInt64

  init(seed: UInt64, stream: UInt64) {
    state =
      SplitMix64.mix(seed &+ SplitMix64.increment)
      ^ SplitMix64.mix(stream &* 0xD134_2543_DE82_EF95 &+ 1)
  }

  mutating func next() -> UInt64 {
    state &+= SplitMix64.increment
    return SplitMix64.mix(state)
  }

  /// Uniform in 0..<1.
  mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Uniform in a range.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// About normal: the sum of four uniform numbers, with the given mean and deviation.
  mutating func normal(_ mean: Float, _ deviation: Float) -> Float {
    let sum = uniform() + uniform() + uniform() + uniform() - 2
    return mean + deviation * sum * 1.732_050_8
  }

  mutating func chance(_ probability: Float) -> Bool { uniform() < probability }

  /// An index, chosen with probability proportional to its weight.
  mutating func choose(_ weights: [Float]) -> Int {
    var rest = uniform() * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.count - 1
  }
}
