/// A batch's transformed map: [chunk][product][C/64][tile][sample][64].
///
/// Every (chunk, product, channel block) is one contiguous matrix of 64 columns, whose rows are the
/// tiles of some samples: the operand of a GEMM.
struct FilterMap {
  let pointer: UnsafeMutablePointer<Float>
  let productCount: Int
  /// C/64.
  let blockCount: Int
  /// Floats from one matrix to the next.
  let stride: Int

  @inline(__always)
  func matrix(chunk: Int, product: Int, block: Int) -> UnsafeMutablePointer<Float> {
    pointer + ((chunk &* productCount &+ product) &* blockCount &+ block) &* stride
  }

  /// Floats between matrices of `rows` rows: a line more than they need, so that the same row of
  /// all products does not fall on one cache set.
  static func stride(rows: Int) -> Int { rows * tileWidth + 16 }
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
  /// Floats between the matrices of a `FilterMap`.
  let stride: Int

  init(
    sampleCount: Int, tiling: FilterTiling,
    kernels: (_ rows: Int) throws -> ProductKernels
  ) rethrows {
    // Of nearly equal size, as the blocks of a `BatchPlan`.
    let count = tiling.chunkCount(sampleCount: sampleCount)
    let largest = (sampleCount + count - 1) / count
    stride = FilterMap.stride(rows: largest * tiling.tileCount)
    chunks = try (0..<count).map { index in
      let start = sampleCount * index / count
      let samples = sampleCount * (index + 1) / count - start
      return SampleChunk(
        start: start, sampleCount: samples, kernels: try kernels(samples * tiling.tileCount))
    }
  }
}
