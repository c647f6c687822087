/// Interleaved RGB to three planes.
enum Planes {
  /// Splits `count` pixels: all red, all green, all blue.
  ///
  /// SAFETY: `pixels` and `planes` hold 3 * count bytes each and do not overlap.
  static func split(
    _ pixels: UnsafePointer<UInt8>, count: Int, into planes: UnsafeMutablePointer<UInt8>
  ) {
    let red = planes
    let green = planes + count
    let blue = planes + 2 * count
    for i in 0..<count {
      red[i] = pixels[3 &* i]
      green[i] = pixels[3 &* i &+ 1]
      blue[i] = pixels[3 &* i &+ 2]
    }
  }
}
