import Checksums

/// Hashes of a few integers, the same on every machine: the randomness of order and augmentation.
///
/// The finalizer is variant 13 of Stafford, "Better Bit Mixing", 2011, which SplitMix64 uses too
/// (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
enum KeyedHash {

  /// A hash of (seed, purpose, a, b). The odd increments keep zero from being a fixed point.
  static func hash(seed: UInt64, purpose: UInt64, _ a: UInt64, _ b: UInt64 = 0) -> UInt64 {
    var state = SplitMix64.mix(seed &+ SplitMix64.increment &* purpose)
    state = SplitMix64.mix(state ^ (a &+ 0xD1B5_4A32_D192_ED03))
    return SplitMix64.mix(state ^ (b &+ 0x8CB9_2BA7_2F3D_8DD7))
  }

  // Purposes; any different odd numbers would do.
  static let orderPurpose: UInt64 = 1
  static let augmentationPurpose: UInt64 = 3
  static let cutoutPurpose: UInt64 = 5
  static let colorPurpose: UInt64 = 7
}
