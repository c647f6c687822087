extension ResampleKernel {
  /// The starts of eight lines of bytes.
  typealias Lines = (
    UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>,
    UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>
  )

  /// Transposes eight lines of `count` bytes into columns of eight bytes. The channels of RGB lines
  /// stay in their order, so that a pixel becomes a red, a green and a blue column.
  ///
  /// Two plain loops that LLVM vectorizes, since it takes chains of byte shuffles apart into single
  /// bytes: first four lines each into words, then the words into columns.
  ///
  /// SAFETY: every line and `columns` hold `count` elements, `words` 2 * count.
  @inline(__always)
  static func interleave(
    _ lines: Lines, count: Int, words: UnsafeMutablePointer<UInt32>,
    into columns: UnsafeMutablePointer<UInt64>
  ) {
    join(lines.0, lines.1, lines.2, lines.3, count: count, into: words)
    join(lines.4, lines.5, lines.6, lines.7, count: count, into: words + count)
    let high = words + count
    for i in 0..<count {
      columns[i] = UInt64(words[i]) | UInt64(high[i]) &<< 32
    }
  }

  @inline(__always)
  private static func join(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ c: UnsafePointer<UInt8>,
    _ d: UnsafePointer<UInt8>, count: Int, into words: UnsafeMutablePointer<UInt32>
  ) {
    for i in 0..<count {
      let low = UInt32(a[i]) | UInt32(b[i]) &<< 8
      words[i] = low | UInt32(c[i]) &<< 16 | UInt32(d[i]) &<< 24
    }
  }
}
