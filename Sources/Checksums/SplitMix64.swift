/// The mixing function of SplitMix64, from which every random number of the project comes: orders,
/// augmentation, initial weights, drawn faces.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014;
/// the constants are variant 13 of Stafford, "Better Bit Mixing", 2011.
@usableFromInline
package enum SplitMix64 {
  /// The increment of the sequence: the golden ratio in 64 bits.
  @inlinable package static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }

  @inlinable @inline(__always)
  package static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z &>> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z &>> 31
  }
}
