import CXSMM

/// Kernels that libxsmm compiles on first use, for AVX2 or AVX-512, whatever the processor has, and
/// for AVX512-BF16 (Heinecke et al., "LIBXSMM: Accelerating Small Matrix Multiplications by Runtime
/// Code Generation", SC 2016).
package struct XSMMProducts: ProductProvider {
  package init() {}

  package var name: String { "libxsmm (\(XSMMProducts.instructionSet))" }

  package func makeKernel(_ shape: ProductShape) -> BatchReduceKernel? {
    // A row-major matrix is the column-major transpose: libxsmm's A is our right, its m our columns.
    let (m, n, k) = (Int32(shape.columns), Int32(shape.rows), Int32(shape.depth))
    let (lda, ldb) = (Int32(shape.rightStride), Int32(shape.leftStride))
    let (ldc, accumulate) = (Int32(shape.outStride), Int32(shape.accumulate ? 1 : 0))
    let found: xsmm_kernel?
    let run: XSMMKernel.Run
    switch shape.operands {
    case .float32:
      found = xsmm_find(m, n, k, lda, ldb, ldc, shape.leftTransposed ? 1 : 0, accumulate)
      run = xsmm_run
    case .bfloat16:
      found = xsmm_find_bfloat16(m, n, k, lda, ldb, ldc, accumulate)
      run = xsmm_run_bfloat16
    }
    return found.map { BatchReduceKernel(shape, XSMMKernel(function: $0, run: run)) }
  }

  /// libxsmm's name of the instruction set that kernels are compiled for: "hsw" is AVX2, "skx",
  /// "clx" and "cpx" are AVX-512.
  package static var instructionSet: String { String(cString: xsmm_instruction_set()) }
}

private struct XSMMKernel: ProductKernel {
  typealias Run =
    @Sendable @convention(c) (
      xsmm_kernel?, UnsafeMutablePointer<UnsafeRawPointer?>?,
      UnsafeMutablePointer<UnsafeRawPointer?>?, UnsafeMutablePointer<Float>?, UInt64
    ) -> Void

  let function: xsmm_kernel
  let run: Run

  func run(
    left: UnsafeMutablePointer<UnsafeRawPointer?>, right: UnsafeMutablePointer<UnsafeRawPointer?>,
    count: Int, out: UnsafeMutablePointer<Float>
  ) {
    run(function, right, left, out, UInt64(count))
  }
}
