import CXSMM

/// A compiled kernel for one shape: `out (rows × columns) = Σᵢ leftᵢ (rows × depth) · rightᵢ (depth
/// × columns)`, all row-major, with the whole sum inside one call.
///
/// ```swift
/// let kernel = try BatchReduceKernel(rows: 64, columns: 64, depth: 64)
/// for tap in taps { addresses.append(left: input(tap), right: weight(tap)) }
/// kernel.run(addresses, out: tile)
/// ```
///
/// The order of the sum is fixed by the order of the addresses, so results are reproducible on one
/// kind of processor. Kernels are compiled by libxsmm on first use, for AVX2 or AVX-512, whatever
/// the processor has (Heinecke et al., "LIBXSMM: Accelerating Small Matrix Multiplications by
/// Runtime Code Generation", SC 2016; Georganas et al., "Harnessing Deep Learning via a Single
/// Building Block", 2019).
package struct BatchReduceKernel: Sendable {
  package let rows: Int
  package let columns: Int
  package let depth: Int

  private let function: xsmm_kernel

  /// Compiles the kernel, or finds it where it was compiled before.
  ///
  /// - Parameters:
  ///   - leftStride: floats from a row of a left matrix to the next; `depth` where nil, or `rows`
  ///     where the left matrices are stored transposed.
  ///   - rightStride: the same of the right matrices; `columns` where nil.
  ///   - outStride: the same of the result; `columns` where nil.
  ///   - leftTransposed: left matrices are stored as depth × rows: weight gradients, where the
  ///     reduction runs over the samples.
  ///   - accumulate: adds to the result instead of overwriting it.
  /// - Throws: `BatchGEMMError` where libxsmm has no kernel for the processor.
  package init(
    rows: Int, columns: Int, depth: Int, leftStride: Int? = nil, rightStride: Int? = nil,
    outStride: Int? = nil, leftTransposed: Bool = false, accumulate: Bool = false
  ) throws {
    precondition(rows > 0 && columns > 0 && depth > 0, "a kernel has a shape above zero")
    self.rows = rows
    self.columns = columns
    self.depth = depth
    // A row-major matrix is the column-major transpose: libxsmm's A is our right, its m our columns.
    let found = xsmm_find(
      Int32(columns), Int32(rows), Int32(depth), Int32(rightStride ?? columns),
      Int32(leftStride ?? (leftTransposed ? rows : depth)), Int32(outStride ?? columns),
      leftTransposed ? 1 : 0, accumulate ? 1 : 0)
    guard let found else {
      throw BatchGEMMError(
        description: "libxsmm has no kernel for \(rows)×\(depth)·\(depth)×\(columns) on this "
          + "processor (target \(BatchReduceKernel.instructionSet)): the engine needs AVX2 or "
          + "AVX-512")
    }
    function = found
  }

  /// Computes `out` from the listed pairs, and empties the list.
  ///
  /// - Precondition: the list is not empty, and every address has memory for its matrix.
  package func run(_ addresses: AddressList, out: UnsafeMutablePointer<Float>) {
    precondition(addresses.count > 0, "a batch-reduce call has at least one pair of operands")
    xsmm_run(function, addresses.right, addresses.left, out, UInt64(addresses.count))
    addresses.clear()
  }

  /// libxsmm's name of the instruction set that kernels are compiled for: "hsw" is AVX2, "skx",
  /// "clx" and "cpx" are AVX-512.
  package static var instructionSet: String { String(cString: xsmm_instruction_set()) }
}

/// libxsmm cannot compile what the engine needs.
package struct BatchGEMMError: Error, CustomStringConvertible {
  package let description: String
}
