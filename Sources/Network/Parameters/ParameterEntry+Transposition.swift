extension ParameterEntry {
  /// Whether it has a part in the arena of transposed weights: matrices that are used as they are.
  var isTransposed: Bool {
    guard case .tiled = format else { return false }
    return !isFiltered
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

/// out[j][i] = source[i][j] for a 64×64 matrix, eight by eight in registers.
func transposeTile(_ source: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) {
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
  // SAFETY: both matrices have 64·64 floats; i and j stay below 64.
  for i in stride(from: 0, to: tileWidth, by: 8) {
    for j in stride(from: 0, to: tileWidth, by: 8) {
      let p = source + (i &* tileWidth &+ j)
      // Three rounds of interleaving row k with row k + 4 transpose 8×8: each round moves one bit
      // of the row's number into the column's.
      let (a0, a1) = zip(row(p), row(p + 4 * tileWidth))
      let (a2, a3) = zip(row(p + tileWidth), row(p + 5 * tileWidth))
      let (a4, a5) = zip(row(p + 2 * tileWidth), row(p + 6 * tileWidth))
      let (a6, a7) = zip(row(p + 3 * tileWidth), row(p + 7 * tileWidth))
      let (b0, b1) = zip(a0, a4)
      let (b2, b3) = zip(a1, a5)
      let (b4, b5) = zip(a2, a6)
      let (b6, b7) = zip(a3, a7)
      let (c0, c1) = zip(b0, b4)
      let (c2, c3) = zip(b1, b5)
      let (c4, c5) = zip(b2, b6)
      let (c6, c7) = zip(b3, b7)
      let q = UnsafeMutableRawPointer(out + (j &* tileWidth &+ i))
      let rowBytes = tileWidth * MemoryLayout<Float>.stride
      q.storeBytes(of: c0, as: SIMD8<Float>.self)
      (q + rowBytes).storeBytes(of: c1, as: SIMD8<Float>.self)
      (q + 2 * rowBytes).storeBytes(of: c2, as: SIMD8<Float>.self)
      (q + 3 * rowBytes).storeBytes(of: c3, as: SIMD8<Float>.self)
      (q + 4 * rowBytes).storeBytes(of: c4, as: SIMD8<Float>.self)
      (q + 5 * rowBytes).storeBytes(of: c5, as: SIMD8<Float>.self)
      (q + 6 * rowBytes).storeBytes(of: c6, as: SIMD8<Float>.self)
      (q + 7 * rowBytes).storeBytes(of: c7, as: SIMD8<Float>.self)
    }
  }
}
