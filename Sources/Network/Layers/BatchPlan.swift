import Kernels
import Tensors

/// The kernels for one number of samples, and how the samples are cut into blocks of at most 64.
///
/// Everything that depends on the batch's size is here; a smaller last batch has a plan of its own.
final class BatchPlan {
  let sampleCount: Int
  let blocks: [SampleBlock]
  /// By the number of tiles of a map.
  private let chunkPlans: [Int: ChunkPlan]

  /// - Parameter tilings: of the network's minimal filters.
  init(sampleCount: Int, input: InputLayout, tilings: [FilterTiling]) throws {
    self.sampleCount = sampleCount
    var products: [Int: ProductKernels] = [:]
    func productKernels(_ rows: Int) throws -> ProductKernels {
      let set = try products[rows] ?? ProductKernels(rows: rows)
      products[rows] = set
      return set
    }
    var chunkPlans: [Int: ChunkPlan] = [:]
    for tiling in tilings where chunkPlans[tiling.tileCount] == nil {
      chunkPlans[tiling.tileCount] = try ChunkPlan(
        sampleCount: sampleCount, tiling: tiling, kernels: productKernels)
    }
    self.chunkPlans = chunkPlans
    // Blocks of nearly equal size: at most two sizes, so at most two sets of kernels.
    let count = (sampleCount + tileWidth - 1) / tileWidth
    var blocks: [SampleBlock] = []
    var kernels: [Int: BlockKernels] = [:]
    for i in 0..<count {
      let start = sampleCount * i / count
      let rows = sampleCount * (i + 1) / count - start
      let set =
        try kernels[rows]
        ?? BlockKernels(rows: rows, products: productKernels(rows), input: input)
      kernels[rows] = set
      blocks.append(SampleBlock(start: start, kernels: set))
    }
    self.blocks = blocks
  }

  /// The chunks that a batch is cut into for maps of this tiling.
  ///
  /// - Precondition: the tiling is one of the network's.
  func chunkPlan(_ tiling: FilterTiling) -> ChunkPlan {
    guard let plan = chunkPlans[tiling.tileCount] else {
      preconditionFailure("no chunks for maps of \(tiling.tileCount) tiles")
    }
    return plan
  }

  /// Blocks that a batch of `sampleCount` is cut into.
  static func blockCount(sampleCount: Int) -> Int { (sampleCount + tileWidth - 1) / tileWidth }
}

/// Some consecutive samples of a batch.
struct SampleBlock {
  let start: Int
  let kernels: BlockKernels
  var rows: Int { kernels.rows }
}

/// The compiled kernels for operands of `rows` rows. All convolutions share them: their operands are
/// 64 channels wide, whatever the layer.
final class ProductKernels {
  /// rows×64 · 64×64: forward, and input gradients.
  let product: BatchReduceKernel
  let productAdding: BatchReduceKernel
  /// (rows×64)ᵀ · rows×64: weight gradients of a tile, or of half its input channels.
  let gradient: BatchReduceKernel
  let gradientAdding: BatchReduceKernel
  let halfGradient: BatchReduceKernel
  let halfGradientAdding: BatchReduceKernel

  init(rows: Int) throws {
    let side = tileWidth
    func product(adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(rows: rows, columns: side, depth: side, accumulate: adding)
    }
    func gradient(columns: Int, adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(
        rows: columns, columns: side, depth: rows, leftStride: side, leftTransposed: true,
        accumulate: adding)
    }
    self.product = try product(adding: false)
    productAdding = try product(adding: true)
    self.gradient = try gradient(columns: side, adding: false)
    gradientAdding = try gradient(columns: side, adding: true)
    halfGradient = try gradient(columns: side / 2, adding: false)
    halfGradientAdding = try gradient(columns: side / 2, adding: true)
  }
}

/// The compiled kernels for blocks of `rows` samples.
final class BlockKernels {
  let rows: Int
  let products: ProductKernels
  /// rows×21 · 21×64, read from the padded input: a row of the first convolution's kernel.
  let stem: BatchReduceKernel
  /// (rows×21)ᵀ · rows×64.
  let stemGradient: BatchReduceKernel
  let stemGradientAdding: BatchReduceKernel

  /// Tiles of samples that one call of a weight gradient takes: one where they are full, so that
  /// operands stay in the first cache, more where they are short.
  let gradientBatch: Int

  init(rows: Int, products: ProductKernels, input: InputLayout) throws {
    self.rows = rows
    self.products = products
    func stemGradient(adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(
        rows: StemConvolution.depth, columns: tileWidth, depth: rows,
        leftStride: input.rowStride, leftTransposed: true, accumulate: adding)
    }
    stem = try BatchReduceKernel(
      rows: rows, columns: tileWidth, depth: StemConvolution.depth, leftStride: input.rowStride)
    self.stemGradient = try stemGradient(adding: false)
    stemGradientAdding = try stemGradient(adding: true)
    gradientBatch = max(1, tileWidth / rows)
  }
}
