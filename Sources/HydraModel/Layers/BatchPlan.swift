import BatchGEMM
import Tensors

/// The kernels for one number of samples, and how the samples are cut into blocks of at most 64.
///
/// Everything that depends on the batch's size is here; a smaller last batch has a plan of its own.
final class BatchPlan {
  let sampleCount: Int
  let blocks: [SampleBlock]

  init(sampleCount: Int, input: InputLayout) throws {
    self.sampleCount = sampleCount
    // Blocks of nearly equal size: at most two sizes, so at most two sets of kernels.
    let count = (sampleCount + tileWidth - 1) / tileWidth
    var blocks: [SampleBlock] = []
    var kernels: [Int: BlockKernels] = [:]
    for i in 0..<count {
      let start = sampleCount * i / count
      let rows = sampleCount * (i + 1) / count - start
      let set = try kernels[rows] ?? BlockKernels(rows: rows, input: input)
      kernels[rows] = set
      blocks.append(SampleBlock(start: start, kernels: set))
    }
    self.blocks = blocks
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

/// The compiled kernels for blocks of `rows` samples. All convolutions share them: their operands
/// are 64 channels wide, whatever the layer.
final class BlockKernels {
  let rows: Int
  /// rows×64 · 64×64: forward, and input gradients.
  let product: BatchReduceKernel
  let productAdding: BatchReduceKernel
  /// (rows×64)ᵀ · rows×64: weight gradients of a tile, or of half its input channels.
  let gradient: BatchReduceKernel
  let gradientAdding: BatchReduceKernel
  let halfGradient: BatchReduceKernel
  let halfGradientAdding: BatchReduceKernel
  /// rows×21 · 21×64, read from the padded input: a row of the first convolution's kernel.
  let stem: BatchReduceKernel
  /// (rows×21)ᵀ · rows×64.
  let stemGradient: BatchReduceKernel
  let stemGradientAdding: BatchReduceKernel

  /// Tiles of samples that one call of a weight gradient takes: one where they are full, so that
  /// operands stay in the first cache, more where they are short.
  let gradientBatch: Int

  init(rows: Int, input: InputLayout) throws {
    self.rows = rows
    let side = tileWidth
    func product(adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(rows: rows, columns: side, depth: side, accumulate: adding)
    }
    func gradient(columns: Int, adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(
        rows: columns, columns: side, depth: rows, leftStride: side, leftTransposed: true,
        accumulate: adding)
    }
    func stemGradient(adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(
        rows: StemConvolution.depth, columns: side, depth: rows, leftStride: input.rowStride,
        leftTransposed: true, accumulate: adding)
    }
    self.product = try product(adding: false)
    productAdding = try product(adding: true)
    self.gradient = try gradient(columns: side, adding: false)
    gradientAdding = try gradient(columns: side, adding: true)
    halfGradient = try gradient(columns: side / 2, adding: false)
    halfGradientAdding = try gradient(columns: side / 2, adding: true)
    stem = try BatchReduceKernel(
      rows: rows, columns: side, depth: StemConvolution.depth, leftStride: input.rowStride)
    self.stemGradient = try stemGradient(adding: false)
    stemGradientAdding = try stemGradient(adding: true)
    gradientBatch = max(1, tileWidth / rows)
  }
}
