extension ParameterEntry {
  /// Whether it has a part in the arena of transposed weights: matrices that are used as they are.
  var isTransposed: Bool {
    guard case .tiled = format else { return false }
    return !isBanked
  }

  /// Transposes the 64×64 matrices of a range of the arena into the arena of transposed weights,
  /// where matrices lie as [tap][C/64][K/64]. Does nothing for a parameter that is never read that way.
  ///
  /// - Parameter range: whole matrices of this entry.
  func transpose(
    _ parameters: UnsafePointer<Float>, _ range: Range<Int>,
    into transposed: UnsafeMutablePointer<Float>
  ) {
    guard isTransposed, case .tiled(let outputs, let inputs, _) = format else { return }
    let outputTiles = outputs / tileWidth
    let inputTiles = inputs / tileWidth
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Convolution.tile) {
      let tile = (start - offset) / Convolution.tile
      let inputTile = tile % inputTiles
      let outputTile = tile / inputTiles % outputTiles
      let tap = tile / inputTiles / outputTiles
      let target = (tap * inputTiles + inputTile) * outputTiles + outputTile
      transposeTile(
        parameters + start, into: transposed + (offset + target * Convolution.tile))
    }
  }
}

/// out[j][i] = source[i][j] for a 64×64 matrix.
func transposeTile(_ source: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) {
  transpose(
    source, rows: tileWidth, columns: tileWidth, sourceStride: tileWidth, into: out,
    outStride: tileWidth)
}

/// out[j][i] = source[i][j], eight by eight in registers.
///
/// - Parameters:
///   - source: [rows][columns], rows a multiple of 8; columns are read in whole eights.
///   - out: [columns][rows].
@inline(__always)
func transpose(
  _ source: UnsafePointer<Float>, rows: Int, columns: Int, sourceStride: Int,
  into out: UnsafeMutablePointer<Float>, outStride: Int
) {
  @inline(__always)
  func row(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }
  @inline(__always)
  func zip(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> (SIMD8<Float>, SIMD8<Float>) {
    var low = SIMD8<Float>()
    low.evenHalf = a.lowHalf
    low.oddHalf = b.lowHalf
    var high = SIMD8<Float>()
    high.evenHalf = a.highHalf
    high.oddHalf = b.highHalf
    return (low, high)
  }
  // SAFETY: i stays below rows, j below columns.
  for i in stride(from: 0, to: rows, by: 8) {
    for j in stride(from: 0, to: columns, by: 8) {
      let p = source + (i &* sourceStride &+ j)
      // Three rounds of interleaving row k with row k + 4 transpose 8×8: each round moves one bit
      // of the row's number into the column's.
      let (a0, a1) = zip(row(p), row(p + 4 &* sourceStride))
      let (a2, a3) = zip(row(p + sourceStride), row(p + 5 &* sourceStride))
      let (a4, a5) = zip(row(p + 2 &* sourceStride), row(p + 6 &* sourceStride))
      let (a6, a7) = zip(row(p + 3 &* sourceStride), row(p + 7 &* sourceStride))
      let (b0, b1) = zip(a0, a4)
      let (b2, b3) = zip(a1, a5)
      let (b4, b5) = zip(a2, a6)
      let (b6, b7) = zip(a3, a7)
      let (c0, c1) = zip(b0, b4)
      let (c2, c3) = zip(b1, b5)
      let (c4, c5) = zip(b2, b6)
      let (c6, c7) = zip(b3, b7)
      let q = UnsafeMutableRawPointer(out + (j &* outStride &+ i))
      let rowBytes = outStride &* MemoryLayout<Float>.stride
      let results = columns &- j
      q.storeBytes(of: c0, as: SIMD8<Float>.self)
      if results > 1 { (q + rowBytes).storeBytes(of: c1, as: SIMD8<Float>.self) }
      if results > 2 { (q + 2 &* rowBytes).storeBytes(of: c2, as: SIMD8<Float>.self) }
      if results > 3 { (q + 3 &* rowBytes).storeBytes(of: c3, as: SIMD8<Float>.self) }
      if results > 4 { (q + 4 &* rowBytes).storeBytes(of: c4, as: SIMD8<Float>.self) }
      if results > 5 { (q + 5 &* rowBytes).storeBytes(of: c5, as: SIMD8<Float>.self) }
      if results > 6 { (q + 6 &* rowBytes).storeBytes(of: c6, as: SIMD8<Float>.self) }
      if results > 7 { (q + 7 &* rowBytes).storeBytes(of: c7, as: SIMD8<Float>.self) }
    }
  }
}
