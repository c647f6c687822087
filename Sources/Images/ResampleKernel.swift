/// The inner loops of ``Resampler``: eight lines at a time, one per vector lane.
///
/// A `Column` holds the same byte of eight lines. A weight of 22 bits times a sample of 8 fits 30
/// bits, and the weights of an output sum to 2^22, so plain 32-bit sums are exact.
enum ResampleKernel {
  typealias Column = SIMD8<UInt8>
  /// Lines of a column.
  static let lineCount = 8

  /// One output of eight lines: the weighted sum of `count` samples.
  ///
  /// SAFETY: `columns` and `weights` hold `count` elements.
  @inline(__always)
  static func sum(
    _ columns: UnsafePointer<Column>, _ weights: UnsafePointer<Int32>, count: Int
  ) -> Column {
    var even = SIMD8<Int32>(repeating: half)
    var odd = SIMD8<Int32>()
    var i = 0
    while i &+ 1 < count {
      even &+= widen(columns[i]) &* SIMD8(repeating: weights[i])
      odd &+= widen(columns[i &+ 1]) &* SIMD8(repeating: weights[i &+ 1])
      i &+= 2
    }
    if i < count { even &+= widen(columns[i]) &* SIMD8(repeating: weights[i]) }
    return narrow(even &+ odd)
  }

  /// The same for pixels of three bytes.
  ///
  /// SAFETY: `columns` holds 3 * count elements, `weights` `count`.
  @inline(__always)
  static func sumRGB(
    _ columns: UnsafePointer<Column>, _ weights: UnsafePointer<Int32>, count: Int
  ) -> (red: Column, green: Column, blue: Column) {
    var red = SIMD8<Int32>(repeating: half)
    var green = red
    var blue = red
    for i in 0..<count {
      let weight = SIMD8(repeating: weights[i])
      red &+= widen(columns[3 &* i]) &* weight
      green &+= widen(columns[3 &* i &+ 1]) &* weight
      blue &+= widen(columns[3 &* i &+ 2]) &* weight
    }
    return (narrow(red), narrow(green), narrow(blue))
  }

  /// Rounds from a half up.
  private static let half = Int32(1) << (ResampleTable.precision - 1)

  // Both written out because SIMD8(truncatingIfNeeded:) is not inlined.
  @inline(__always)
  private static func widen(_ v: Column) -> SIMD8<Int32> {
    SIMD8(
      Int32(v[0]), Int32(v[1]), Int32(v[2]), Int32(v[3]), Int32(v[4]), Int32(v[5]), Int32(v[6]),
      Int32(v[7]))
  }

  /// Drops the fraction. No weight is negative and they sum to one (up to the rounding of each), so
  /// 0...255 cannot be left.
  @inline(__always)
  private static func narrow(_ sum: SIMD8<Int32>) -> Column {
    let v = sum &>> ResampleTable.precision
    return SIMD8(
      UInt8(truncatingIfNeeded: v[0]), UInt8(truncatingIfNeeded: v[1]),
      UInt8(truncatingIfNeeded: v[2]), UInt8(truncatingIfNeeded: v[3]),
      UInt8(truncatingIfNeeded: v[4]), UInt8(truncatingIfNeeded: v[5]),
      UInt8(truncatingIfNeeded: v[6]), UInt8(truncatingIfNeeded: v[7]))
  }
}
