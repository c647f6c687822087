/// What a batch-reduce product computes, and how its operands lie:
/// `out (rows × columns) = Σᵢ leftᵢ (rows × depth) · rightᵢ (depth × columns)`, all row-major.
package struct ProductShape: Hashable, Sendable {
  /// The numbers that are multiplied; sums and results are always float.
  package enum Operands: Hashable, Sendable {
    case float32
    /// Right matrices lie in pairs of rows, [depth / 2][columns][2], and depth is a multiple of
    /// `bfloat16Depth`: rows of zeros on both sides fill it up.
    case bfloat16
  }

  /// Products in bfloat16 have depths that are multiples of this: the tile unit's step.
  package static let bfloat16Depth = 32

  package let rows: Int
  package let columns: Int
  package let depth: Int
  package let operands: Operands
  /// Elements from a row of a left matrix to the next, of a right matrix, and of the result.
  let leftStride: Int
  let rightStride: Int
  let outStride: Int
  /// Left matrices are stored as depth × rows.
  let leftTransposed: Bool
  /// Adds to the result instead of overwriting it.
  let accumulate: Bool
}

/// A kernel of one shape.
protocol ProductKernel: Sendable {
  /// Computes the product over the first `count` pairs of addresses, in their order. May overwrite
  /// the addresses.
  func run(
    left: UnsafeMutablePointer<UnsafeRawPointer?>, right: UnsafeMutablePointer<UnsafeRawPointer?>,
    count: Int, out: UnsafeMutablePointer<Float>)
}

/// One way of making kernels.
package protocol ProductProvider: Sendable {
  /// For people: "libxsmm (AVX-512)".
  var name: String { get }
  /// A kernel, or nil where this provider, or the processor, has none of that shape.
  func makeKernel(_ shape: ProductShape) -> BatchReduceKernel?
}
