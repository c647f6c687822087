/// The filter that makes photographs compressible by LZ4: three color planes become prediction
/// residuals whose high bits are mostly zero, which Blosc's bitshuffle then gathers into runs.
///
/// For a sample [3][H][W] of R, G, B, all arithmetic modulo 256:
///
/// 1. *Decorrelate*: P₀ = G, P₁ = R − G + 128, P₂ = B − G + 128.
/// 2. *Predict* each pixel from its left (W), upper (N) and upper-left (NW) neighbors in the same
///    plane, 0 where outside, by the median edge detector of JPEG-LS (ITU-T T.87, A.4.1):
///    median(W, N, W + N − NW), which equals W + N − clamp(NW, min(W, N), max(W, N)).
/// 3. *Fold* the residual e = P − prediction, read as signed, so that small ones of either sign
///    have zero high bits: z = (e << 1) ^ (e >> 7).
///
/// The result has the shape and type of the input, so that in Zarr's terms this is an
/// array-to-array codec (`StoreFormat.filterName`).
package enum PredictiveFilter {
  typealias Lanes = SIMD16<UInt8>

  /// Filters one sample.
  ///
  /// - Parameters:
  ///   - pixels: planar R, G, B, 3 × height × width bytes.
  ///   - output: as many bytes; must not overlap `pixels`.
  ///   - scratch: 2 × (width + 48) bytes.
  package static func encode(
    _ pixels: UnsafePointer<UInt8>, width: Int, height: Int,
    into output: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>
  ) {
    let planeCount = width * height
    let red = pixels
    let green = pixels + planeCount
    let blue = pixels + 2 * planeCount
    for plane in 0..<3 {
      // Two rows of the decorrelated plane, each with a zero before it for the missing neighbor.
      var above = scratch + 16
      var row = scratch + 16 + width + 24
      scratch.update(repeating: 0, count: 2 * (width + 48))
      for y in 0..<height {
        let source = y * width
        switch plane {
        case 0: row.update(from: green + source, count: width)
        case 1: subtract(green + source, from: red + source, into: row, count: width)
        default: subtract(green + source, from: blue + source, into: row, count: width)
        }
        residuals(
          row: row, above: above, into: output + plane * planeCount + source, count: width)
        swap(&row, &above)
      }
    }
  }

  @inline(__always)
  private static func subtract(
    _ b: UnsafePointer<UInt8>, from a: UnsafePointer<UInt8>,
    into out: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    for x in 0..<count { out[x] = a[x] &- b[x] &+ 128 }
  }

  @inline(__always)
  private static func residuals(
    row: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>,
    into out: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let left = row - 1
    let aboveLeft = above - 1
    for x in 0..<count {
      let w = left[x]
      let n = above[x]
      let prediction = w &+ n &- max(min(aboveLeft[x], max(w, n)), min(w, n))
      let e = row[x] &- prediction
      out[x] = (e &<< 1) ^ (0 &- (e &>> 7))
    }
  }
}
