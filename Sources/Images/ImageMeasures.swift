/// What is measured of a photograph as it was decoded, whatever size is stored of it. All of it is
/// integer arithmetic, the same on every machine.
package struct ImageMeasures: BitwiseCopyable, Hashable, Sendable {
  /// The signs of the luminance's 64 lowest frequencies: nearly equal photographs differ in few
  /// bits.
  package var perceptualHash: UInt64 = 0
  package var width: UInt32 = 0
  package var height: UInt32 = 0
  /// The mean luminance, in 1/256 of a level of 255.
  package var brightness: UInt16 = 0
  /// The standard deviation of the luminance of 16 × 16 areas, in 1/256 of a level.
  package var contrast: UInt16 = 0
  /// The root mean square of the Laplacian, in 1/64 of a level: little where an image is blurred.
  package var sharpness: UInt16 = 0
  /// Hasler and Süsstrunk, "Measuring colorfulness in natural images", 2003, of 16 × 16 areas, in
  /// 1/256 of a level.
  package var colorfulness: UInt16 = 0

  package init() {}

  /// How many bits of two perceptual hashes differ.
  package static func distance(_ a: UInt64, _ b: UInt64) -> Int { (a ^ b).nonzeroBitCount }
}
