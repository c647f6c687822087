/// Kernels in Swift, for any processor and any shape: what the tests compare the others with, and
/// what multiplies floats where libxsmm has no kernel.
package struct PortableProducts: ProductProvider {
  private let operands: Set<ProductShape.Operands>

  package init(operands: Set<ProductShape.Operands>) { self.operands = operands }

  package var name: String { "portable" }

  package func makeKernel(_ shape: ProductShape) -> BatchReduceKernel? {
    guard operands.contains(shape.operands) else { return nil }
    return BatchReduceKernel(shape, PortableKernel(shape: shape))
  }
}

private struct PortableKernel: ProductKernel {
  private typealias Lanes = SIMD16<Float>

  let shape: ProductShape

  func run(
    left: UnsafeMutablePointer<UnsafeRawPointer?>, right: UnsafeMutablePointer<UnsafeRawPointer?>,
    count: Int, out: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<shape.rows {
      for column in stride(from: 0, to: shape.columns, by: Lanes.scalarCount) {
        let width = min(Lanes.scalarCount, shape.columns - column)
        let target = out + (row * shape.outStride + column)
        var sum = Lanes.zero
        if shape.accumulate {
          for lane in 0..<width { sum[lane] = target[lane] }
        }
        for pair in 0..<count {
          guard let a = left[pair], let b = right[pair] else { continue }
          for k in 0..<shape.depth {
            let factor = Lanes(repeating: leftElement(a, row, k))
            sum.addProduct(factor, rightElements(b, k, column, width))
          }
        }
        for lane in 0..<width { target[lane] = sum[lane] }
      }
    }
  }

  private func leftElement(_ matrix: UnsafeRawPointer, _ row: Int, _ k: Int) -> Float {
    let (line, place) = shape.leftTransposed ? (k, row) : (row, k)
    let index = line &* shape.leftStride &+ place
    switch shape.operands {
    case .float32: return matrix.load(fromByteOffset: index &* 4, as: Float.self)
    case .bfloat16: return widened(matrix.load(fromByteOffset: index &* 2, as: UInt16.self))
    }
  }

  /// `width` elements of row k of a right matrix, from `column` on; zeros after them.
  @inline(__always)
  private func rightElements(_ matrix: UnsafeRawPointer, _ k: Int, _ column: Int, _ width: Int)
    -> Lanes
  {
    var lanes = Lanes.zero
    switch shape.operands {
    case .float32:
      let row = matrix + (k &* shape.rightStride &+ column) &* 4
      if width == Lanes.scalarCount { return row.loadUnaligned(as: Lanes.self) }
      for lane in 0..<width { lanes[lane] = row.load(fromByteOffset: lane &* 4, as: Float.self) }
    case .bfloat16:
      let row = matrix + (k / 2 &* shape.rightStride &+ column) &* 4
      for lane in 0..<width {
        lanes[lane] = widened(row.load(fromByteOffset: lane &* 4 &+ k % 2 &* 2, as: UInt16.self))
      }
    }
    return lanes
  }

  /// A bfloat16 is the upper half of a float.
  private func widened(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
