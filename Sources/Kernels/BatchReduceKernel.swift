/// A kernel for one shape: `out (rows × columns) = Σᵢ leftᵢ (rows × depth) · rightᵢ (depth ×
/// columns)`, all row-major, with the whole sum inside one call.
///
/// ```swift
/// let kernel = try BatchReduceKernel(rows: 64, columns: 64, depth: 64)
/// for tap in taps { addresses.append(left: input(tap), right: weight(tap)) }
/// kernel.run(addresses, out: tile)
/// ```
///
/// The order of the sum is fixed by the order of the addresses, so results are reproducible on one
/// kind of processor. (Georganas et al., "Harnessing Deep Learning via a Single Building Block",
/// 2019)
package struct BatchReduceKernel: Sendable {
  package let shape: ProductShape

  private let kernel: any ProductKernel

  init(_ shape: ProductShape, _ kernel: any ProductKernel) {
    self.shape = shape
    self.kernel = kernel
  }

  /// The kernel of the first provider that has it.
  ///
  /// - Parameters:
  ///   - operands: of bfloat16, right matrices in pairs; see `ProductShape`.
  ///   - leftStride: elements from a row of a left matrix to the next; `depth` where nil, or `rows`
  ///     where the left matrices are stored transposed.
  ///   - rightStride: the same of the right matrices; `columns` where nil.
  ///   - outStride: the same of the result; `columns` where nil.
  ///   - leftTransposed: left matrices are stored as depth × rows: weight gradients, where the
  ///     reduction runs over the samples. Not in bfloat16.
  ///   - accumulate: adds to the result instead of overwriting it.
  ///   - providers: whom to ask, the best one first.
  /// - Throws: `BatchGEMMError` where none of them has a kernel for the processor.
  package init(
    rows: Int, columns: Int, depth: Int, operands: ProductShape.Operands = .float32,
    leftStride: Int? = nil, rightStride: Int? = nil, outStride: Int? = nil,
    leftTransposed: Bool = false, accumulate: Bool = false,
    providers: [any ProductProvider] = BatchReduceKernel.providers
  ) throws {
    precondition(rows > 0 && columns > 0 && depth > 0, "a kernel has a shape above zero")
    if operands == .bfloat16 {
      precondition(
        depth % ProductShape.bfloat16Depth == 0 && columns % 32 == 0 && !leftTransposed,
        "no bfloat16 product of \(rows)×\(depth)·\(depth)×\(columns)")
    }
    let shape = ProductShape(
      rows: rows, columns: columns, depth: depth, operands: operands,
      leftStride: leftStride ?? (leftTransposed ? rows : depth),
      rightStride: rightStride ?? columns, outStride: outStride ?? columns,
      leftTransposed: leftTransposed, accumulate: accumulate)
    for provider in providers {
      if let made = provider.makeKernel(shape) {
        self = made
        return
      }
    }
    throw BatchGEMMError.noKernel(shape)
  }

  /// Computes `out` from the listed pairs, and empties the list.
  ///
  /// - Precondition: the list is not empty, and every address has memory for its matrix.
  package func run(_ addresses: AddressList, out: UnsafeMutablePointer<Float>) {
    precondition(addresses.count > 0, "a batch-reduce call has at least one pair of operands")
    kernel.run(
      left: addresses.left, right: addresses.right, count: addresses.count, out: out)
    addresses.clear()
  }

  /// Those that make kernels for training, the fastest first. The portable one is not among those
  /// for bfloat16: it would be slower than float.
  package static let providers: [any ProductProvider] = [
    TileProducts(), XSMMProducts(), PortableProducts(operands: [.float32]),
  ]

  /// Which provider multiplies such operands here, or nil where none does.
  package static func provider(of operands: ProductShape.Operands) -> (any ProductProvider)? {
    let shape = ProductShape(
      rows: 64, columns: 64, depth: 64, operands: operands, leftStride: 64, rightStride: 64,
      outStride: 64, leftTransposed: false, accumulate: false)
    return providers.first { $0.makeKernel(shape) != nil }
  }
}

/// No provider has what the engine needs.
package struct BatchGEMMError: Error, CustomStringConvertible {
  package let description: String

  static func noKernel(_ shape: ProductShape) -> BatchGEMMError {
    let needed =
      switch shape.operands {
      case .float32: "the engine needs AVX2 or AVX-512"
      case .bfloat16:
        "bfloat16 needs AVX512-BF16 or AMX-BF16 (see /proc/cpuinfo); train with --precision f32"
      }
    return BatchGEMMError(
      description: "this processor has no kernel for \(shape.rows)×\(shape.depth)·\(shape.depth)×"
        + "\(shape.columns) in \(shape.operands) (libxsmm's target is "
        + "\(XSMMProducts.instructionSet)): \(needed)")
  }
}
