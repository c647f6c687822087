import Kernels

/// A batch's transformed map: [chunk][product][C/64] matrices, each of the rows (tile, sample) of
/// some samples and 64 channels: the operand of a GEMM.
struct OperandMap {
  /// How a matrix lies.
  enum Form {
    /// [rows][64] float: an operand of any product.
    case floats
    /// [rows][64] bfloat16: the left operand of a product over channels.
    case rows
    /// [64][filled rows] bfloat16: the left operand of a product over samples.
    case columns
    /// [filled rows / 2][64][2] bfloat16: the right operand of a product over samples.
    case pairs
  }

  let pointer: UnsafeMutableRawPointer
  let form: Form
  let productCount: Int
  /// C/64.
  let blockCount: Int
  /// Elements from one matrix to the next.
  let stride: Int

  @inline(__always)
  func matrix(chunk: Int, product: Int, block: Int) -> UnsafeMutableRawPointer {
    let index = (chunk &* productCount &+ product) &* blockCount &+ block
    return pointer + index &* stride &* (form == .floats ? 4 : 2)
  }
}

/// Some consecutive samples whose tiles are rows of one matrix.
struct SampleChunk {
  let start: Int
  let sampleCount: Int
  let kernels: ProductKernels
}

/// A batch cut into chunks, for maps of one number of tiles.
struct ChunkPlan {
  let chunks: [SampleChunk]
  /// Elements between the matrices of a `OperandMap`.
  let stride: Int
  /// Floats between the results of a chunk's products.
  let productStride: Int

  init(
    sampleCount: Int, tiling: FilterTiling, operands: ProductShape.Operands,
    kernels: (_ rows: Int) throws -> ProductKernels
  ) rethrows {
    // Of nearly equal size, as the blocks of a `BatchPlan`.
    let count = tiling.chunkCount(sampleCount: sampleCount)
    let largest = (sampleCount + count - 1) / count * tiling.tileCount
    stride = ChunkPlan.stride(rows: largest, operands)
    productStride = ChunkPlan.stride(rows: largest, .float32)
    chunks = try (0..<count).map { index in
      let start = sampleCount * index / count
      let samples = sampleCount * (index + 1) / count - start
      return SampleChunk(
        start: start, sampleCount: samples, kernels: try kernels(samples * tiling.tileCount))
    }
  }

  /// Elements between matrices of `rows` rows: a line of cache more than they need, so that the
  /// same row of all products does not fall on one set.
  static func stride(rows: Int, _ operands: ProductShape.Operands) -> Int {
    switch operands {
    case .float32: rows * tileWidth + 16
    case .bfloat16: filled(rows: rows) * tileWidth + 32
    }
  }

  /// Rows that a product over samples in bfloat16 has, zeros included.
  @inline(__always)
  static func filled(rows: Int) -> Int {
    let step = ProductShape.bfloat16Depth
    return (rows + step - 1) / step * step
  }
}
