import Checksums

/// A keyed pseudorandom permutation of 0..<count that is computed, not stored.
///
/// ```swift
/// let shuffle = IndexPermutation(count: 18_964, key: 7)
/// let sample = shuffle[position]
/// ```
///
/// An unbalanced Feistel network over the fewest bits that hold `count`, and cycle-walking: a value
/// outside the range is enciphered again until it falls inside, which keeps the map one-to-one and
/// takes less than two rounds of it on average.
///
/// Source: Black and Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002.
package struct IndexPermutation: Sendable {
  package let count: Int
  private let lowBits: UInt64
  private let lowMask: UInt64
  private let highMask: UInt64
  private let roundKeys: SIMD8<UInt64>

  /// - Parameters:
  ///   - count: at least 1.
  ///   - key: every key gives another permutation.
  package init(count: Int, key: UInt64) {
    precondition(count >= 1, "a permutation has at least one element")
    self.count = count
    // Two bits at least, one for each half.
    let bits = max(2, UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount))
    lowBits = bits / 2
    lowMask = (1 &<< lowBits) - 1
    highMask = (1 &<< (bits - lowBits)) - 1
    var keys = SIMD8<UInt64>()
    for round in 0..<8 {
      keys[round] = SplitMix64.mix(key &+ UInt64(round + 1) &* SplitMix64.increment)
    }
    roundKeys = keys
  }

  /// The element at a position.
  ///
  /// - Complexity: O(1) time on average, no memory.
  package subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "a position is below the count")
    var value = UInt64(position)
    repeat { value = encipher(value) } while value >= UInt64(count)
    return Int(value)
  }

  private func encipher(_ value: UInt64) -> UInt64 {
    var low = value & lowMask
    var high = value &>> lowBits
    for round in stride(from: 0, to: 8, by: 2) {
      low ^= SplitMix64.mix(high ^ roundKeys[round]) & lowMask
      high ^= SplitMix64.mix(low ^ roundKeys[round + 1]) & highMask
    }
    return high &<< lowBits | low
  }
}
