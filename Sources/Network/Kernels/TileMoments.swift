/// Mean and sum of squared deviations of every channel of a tile, for BatchNorm in training.
///
/// Two passes over a tile that the convolution has just left in cache: the deviations are from the
/// tile's own mean, which loses nothing where a channel's mean is large against its deviation.
///
/// - Parameters:
///   - x: [rows][64].
///   - mean: 64 means.
///   - squares: 64 sums of (x - mean)².
func tileMoments(
  _ x: UnsafePointer<Float>, rows: Int, mean: UnsafeMutablePointer<Float>,
  squares: UnsafeMutablePointer<Float>
) {
  let count = Lanes(repeating: 1 / Float(rows))
  // Two groups of lanes at a time: enough independent sums to hide the latency of an addition.
  for channel in stride(from: 0, to: tileWidth, by: 32) {
    var p = x + channel
    var a = Lanes.zero
    var b = Lanes.zero
    for _ in 0..<rows {
      a += load(p)
      b += load(p + 16)
      p += tileWidth
    }
    a *= count
    b *= count
    store(a, mean + channel)
    store(b, mean + channel + 16)
    p = x + channel
    var aa = Lanes.zero
    var bb = Lanes.zero
    for _ in 0..<rows {
      let da = load(p) - a
      let db = load(p + 16) - b
      aa = aa.addingProduct(da, da)
      bb = bb.addingProduct(db, db)
      p += tileWidth
    }
    store(aa, squares + channel)
    store(bb, squares + channel + 16)
  }
}
