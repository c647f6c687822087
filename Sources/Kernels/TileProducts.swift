import CTiles

/// Kernels for the tile unit of Intel's server processors since 2023 (AMX-BF16), which multiplies
/// bfloat16 about ten times as fast as its vector units multiply floats.
package struct TileProducts: ProductProvider {
  package init() {}

  package var name: String { "tile unit (AMX-BF16)" }

  package func makeKernel(_ shape: ProductShape) -> BatchReduceKernel? {
    guard shape.operands == .bfloat16, TileProducts.areAvailable else { return nil }
    return BatchReduceKernel(
      shape,
      TileKernel(
        shape: tile_shape(
          rows: Int32(shape.rows), columns: Int32(shape.columns), depth: Int32(shape.depth),
          left_stride: Int32(shape.leftStride), right_stride: Int32(shape.rightStride),
          out_stride: Int32(shape.outStride), accumulate: shape.accumulate ? 1 : 0)))
  }

  /// Asked once: the system's leave is for the whole process.
  private static let areAvailable = tiles_are_available() == 1
}

private struct TileKernel: ProductKernel {
  let shape: tile_shape

  func run(
    left: UnsafeMutablePointer<UnsafeRawPointer?>, right: UnsafeMutablePointer<UnsafeRawPointer?>,
    count: Int, out: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: shape) { tiles_multiply($0, left, right, out, Int64(count)) }
  }
}
