/// Channels of one tile: activations are [position][C/64][N][64], and every kernel works on rows of
/// 64 channels.
let tileWidth = 64

/// A quarter of a row: two AVX2 registers, or one of AVX-512.
package typealias Lanes = SIMD16<Float>

@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func store(_ value: Lanes, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Lanes.self)
}

extension SIMD16 where Scalar == Float {
  /// Negative lanes become zero; NaN stays NaN, so that a broken step is seen.
  @inline(__always)
  var rectified: Lanes { replacing(with: Lanes.zero, where: self .<= Lanes.zero) }

  /// Keeps the lanes where `activation` is above zero: the gradient of ReLU.
  @inline(__always)
  func masked(by activation: Lanes) -> Lanes {
    replacing(with: Lanes.zero, where: activation .<= Lanes.zero)
  }
}
