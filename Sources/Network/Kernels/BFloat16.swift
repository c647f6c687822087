/// The upper half of a float, as PyTorch's torch.bfloat16: its range, with 8 bits of precision.
package struct BFloat16 {
  package let bits: UInt16

  package init(bits: UInt16) { self.bits = bits }
}

/// What products of minimal filters have as operands.
package protocol OperandElement {
  static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Self>)
}

extension Float: OperandElement {
  @inline(__always)
  package static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
    Network.store(value, pointer)
  }
}

extension BFloat16: OperandElement {
  @inline(__always)
  package static func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<BFloat16>) {
    let rounded = roundedToBFloat16(value)
    // Two to a word: vectors of 16-bit numbers compile to calls, or to a move for every element.
    let words = rounded.evenHalf &>> 16 | rounded.oddHalf & SIMD8(repeating: 0xffff_0000)
    UnsafeMutableRawPointer(pointer).storeBytes(of: words, as: SIMD8<UInt32>.self)
  }

  /// Stores pairs (first, second) of 32 elements.
  @inline(__always)
  static func storePairs(
    _ first: Lanes, _ second: Lanes, _ pointer: UnsafeMutablePointer<BFloat16>
  ) {
    let pairs =
      roundedToBFloat16(first) &>> 16 | roundedToBFloat16(second) & SIMD16(repeating: 0xffff_0000)
    UnsafeMutableRawPointer(pointer).storeBytes(of: pairs, as: SIMD16<UInt32>.self)
  }
}

/// The nearest bfloat16, of two the even one, in the upper halves; the lower ones hold anything. NaN
/// stays NaN, as processors make them.
@inline(__always)
private func roundedToBFloat16(_ value: Lanes) -> SIMD16<UInt32> {
  // SAFETY: both are 16 words of 32 bits.
  let bits = unsafeBitCast(value, to: SIMD16<UInt32>.self)
  return bits &+ 0x7fff &+ (bits &>> 16 & 1)
}

/// Rounds rows of 64 into pairs of rows, [filled / 2][64][2].
///
/// - Parameters:
///   - rows: how many there are; zeros follow them.
///   - filled: an even number that is no smaller.
///   - load: gives 16 channels of a row.
@inline(__always)
func pairRows(
  rows: Int, filled: Int, into out: UnsafeMutablePointer<BFloat16>,
  _ load: (_ row: Int, _ channel: Int) -> Lanes
) {
  // SAFETY: out has `filled` rows.
  for row in stride(from: 0, to: filled, by: 2) {
    for channel in stride(from: 0, to: tileWidth, by: Lanes.scalarCount) {
      BFloat16.storePairs(
        row < rows ? load(row, channel) : .zero,
        row &+ 1 < rows ? load(row &+ 1, channel) : .zero,
        out + (row &* tileWidth &+ channel &* 2))
    }
  }
}

/// Rows of 64 bfloat16 into pairs of rows, [filled / 2][64][2].
///
/// - Parameters:
///   - rows: how many there are; zeros follow them.
///   - filled: an even number that is no smaller.
package func pairRows(
  _ source: UnsafePointer<BFloat16>, rows: Int, filled: Int,
  into out: UnsafeMutablePointer<BFloat16>
) {
  // 16 channels of a row, two to a word.
  @inline(__always)
  func words(_ row: Int, _ channel: Int) -> SIMD8<UInt32> {
    UnsafeRawPointer(source + (row &* tileWidth &+ channel))
      .loadUnaligned(as: SIMD8<UInt32>.self)
  }
  // SAFETY: source has `rows` rows, out has `filled`.
  for row in stride(from: 0, to: filled, by: 2) {
    for channel in stride(from: 0, to: tileWidth, by: 16) {
      let upper = row < rows ? words(row, channel) : .zero
      let lower = row &+ 1 < rows ? words(row &+ 1, channel) : .zero
      var pairs = SIMD16<UInt32>()
      pairs.evenHalf = upper & 0xffff | lower &<< 16
      pairs.oddHalf = upper &>> 16 | lower & 0xffff_0000
      UnsafeMutableRawPointer(out + (row &* tileWidth &+ channel &* 2))
        .storeBytes(of: pairs, as: SIMD16<UInt32>.self)
    }
  }
}

/// Pairs of rows, [rows / 2][64][2], into columns, [64][rows].
///
/// - Parameter rows: a multiple of 16.
package func columnsOfPairs(
  _ pairs: UnsafePointer<BFloat16>, rows: Int, into out: UnsafeMutablePointer<BFloat16>
) {
  // A pair is moved as a float would be.
  let words = UnsafeRawPointer(pairs).assumingMemoryBound(to: Float.self)
  let columns = UnsafeMutableRawPointer(out).assumingMemoryBound(to: Float.self)
  transpose(
    words, rows: rows / 2, columns: tileWidth, sourceStride: tileWidth, into: columns,
    outStride: rows / 2)
}
