/// Sums over pixels, by channel, exact: what mean and standard deviation are made of.
package struct ChannelSums: Sendable, Equatable {
  /// Σ value and Σ value², for R, G and B, of 8-bit values.
  package var sum = SIMD4<UInt64>()
  package var squares = SIMD4<UInt64>()

  package static func += (a: inout Self, b: Self) {
    a.sum &+= b.sum
    a.squares &+= b.squares
  }

  /// - Parameter pixels: planar R, G, B.
  package init(pixels: UnsafePointer<UInt8>, size: Int) {
    for channel in 0..<3 {
      let plane = pixels + channel * size * size
      for y in 0..<size {
        // A row's sums fit: 64 values of 255 in a lane of 16 bits, 128 squares in one of 32, and
        // 1024 squares in 32 bits.
        let row = UnsafeRawPointer(plane + y * size)
        var sums = SIMD16<UInt16>()
        var squares = SIMD8<UInt32>()
        var x = 0
        while x + 16 <= size {
          let values = Self.widen(row.loadUnaligned(fromByteOffset: x, as: SIMD16<UInt8>.self))
          sums &+= values
          let pairs = unsafeBitCast(values &* values, to: SIMD8<UInt32>.self)
          squares &+= (pairs & 0xffff) &+ (pairs &>> 16)
          x += 16
        }
        let lanes = unsafeBitCast(sums, to: SIMD8<UInt32>.self)
        var sum = ((lanes & 0xffff) &+ (lanes &>> 16)).wrappedSum()
        var square = squares.wrappedSum()
        while x < size {
          let value = UInt32(plane[y * size + x])
          sum &+= value
          square &+= value &* value
          x += 1
        }
        self.sum[channel] &+= UInt64(sum)
        self.squares[channel] &+= UInt64(square)
      }
    }
  }

  // Written out because SIMD16(truncatingIfNeeded:) is not inlined.
  @inline(__always)
  private static func widen(_ v: SIMD16<UInt8>) -> SIMD16<UInt16> {
    SIMD16(
      UInt16(v[0]), UInt16(v[1]), UInt16(v[2]), UInt16(v[3]), UInt16(v[4]), UInt16(v[5]),
      UInt16(v[6]), UInt16(v[7]), UInt16(v[8]), UInt16(v[9]), UInt16(v[10]), UInt16(v[11]),
      UInt16(v[12]), UInt16(v[13]), UInt16(v[14]), UInt16(v[15]))
  }

  package init() {}
}
