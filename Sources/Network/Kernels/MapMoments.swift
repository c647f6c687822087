/// Mean and sum of squared deviations of every channel over all pixels of a map, for some samples:
/// BatchNorm's moments of a convolution that makes whole maps at once.
///
/// Two passes, as `tileMoments`. Sums over pixels are in double precision.
///
/// - Parameters:
///   - start, rows: which samples.
///   - mean: 64 means.
///   - squares: 64 sums of (x - mean)².
func mapMoments(
  _ map: FeatureMap, block: Int, start: Int, rows: Int, sampleCount: Int,
  mean: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>
) {
  let base = UnsafePointer(
    map.tile(position: 0, block: block, sampleCount: sampleCount, start: start))
  let stride = map.positionStride(sampleCount: sampleCount)
  let positions = map.size.positionCount
  let count = Double(positions &* rows)
  // SAFETY: every pixel has `rows` rows of 64 floats at its tile.
  for channel in Swift.stride(from: 0, to: tileWidth, by: 32) {
    var totals = (SIMD16<Double>.zero, SIMD16<Double>.zero)
    for position in 0..<positions {
      var p = base + (position &* stride &+ channel)
      var a = Lanes.zero
      var b = Lanes.zero
      for _ in 0..<rows {
        a += load(p)
        b += load(p + 16)
        p += tileWidth
      }
      totals.0 += SIMD16<Double>(a)
      totals.1 += SIMD16<Double>(b)
    }
    let means = (Lanes(totals.0 / count), Lanes(totals.1 / count))
    totals = (.zero, .zero)
    for position in 0..<positions {
      var p = base + (position &* stride &+ channel)
      var a = Lanes.zero
      var b = Lanes.zero
      for _ in 0..<rows {
        let da = load(p) - means.0
        let db = load(p + 16) - means.1
        a = a.addingProduct(da, da)
        b = b.addingProduct(db, db)
        p += tileWidth
      }
      totals.0 += SIMD16<Double>(a)
      totals.1 += SIMD16<Double>(b)
    }
    store(means.0, mean + channel)
    store(means.1, mean + channel + 16)
    store(Lanes(totals.0), squares + channel)
    store(Lanes(totals.1), squares + channel + 16)
  }
}
