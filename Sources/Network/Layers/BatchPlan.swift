import Experiment
import Kernels
import Tensors

/// The kernels for one number of samples, and how the samples are cut into blocks of at most 64.
///
/// Everything that depends on the batch's size is here; a smaller last batch has a plan of its own.
final class BatchPlan {
  let sampleCount: Int
  /// What the products of minimal filters multiply.
  let operands: ProductShape.Operands
  let blocks: [SampleBlock]
  /// By the number of tiles of a map.
  private let chunkPlans: [Int: ChunkPlan]

  /// - Parameter tilings: of the network's minimal filters.
  /// - Throws: `BatchGEMMError` where the processor has no kernel.
  init(
    sampleCount: Int, input: InputLayout, tilings: [FilterTiling],
    operands: ProductShape.Operands
  ) throws {
    self.sampleCount = sampleCount
    self.operands = operands
    var filterProducts: [Int: ProductKernels] = [:]
    func filterKernels(_ rows: Int) throws -> ProductKernels {
      let set = try filterProducts[rows] ?? ProductKernels(rows: rows, operands)
      filterProducts[rows] = set
      return set
    }
    var chunkPlans: [Int: ChunkPlan] = [:]
    for tiling in tilings where chunkPlans[tiling.tileCount] == nil {
      chunkPlans[tiling.tileCount] = try ChunkPlan(
        sampleCount: sampleCount, tiling: tiling, operands: operands, kernels: filterKernels)
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
        ?? BlockKernels(rows: rows, operands: operands, input: input)
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

  /// Elements between the matrices of a direct product's `OperandMap`.
  var blockStride: Int {
    ChunkPlan.stride(rows: blocks.map(\.rows).max() ?? 0, .bfloat16)
  }

  /// How a map of these products lies whose form in bfloat16 is `form`.
  func form(_ form: OperandMap.Form) -> OperandMap.Form { operands == .float32 ? .floats : form }

  /// Blocks that a batch of `sampleCount` is cut into.
  static func blockCount(sampleCount: Int) -> Int { (sampleCount + tileWidth - 1) / tileWidth }
}

extension TrainingPrecision {
  /// What the products of a training pass multiply.
  var operands: ProductShape.Operands {
    switch self {
    case .f32: .float32
    case .bf16: .bfloat16
    }
  }
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
  /// The most matrices of samples that one call of a weight gradient adds up.
  let gradientBatch: Int

  init(rows: Int, _ operands: ProductShape.Operands) throws {
    let side = tileWidth
    func product(adding: Bool) throws -> BatchReduceKernel {
      try BatchReduceKernel(
        rows: rows, columns: side, depth: side, operands: operands, accumulate: adding)
    }
    func gradient(columns: Int, adding: Bool) throws -> BatchReduceKernel {
      switch operands {
      case .float32:
        try BatchReduceKernel(
          rows: columns, columns: side, depth: rows, leftStride: side, leftTransposed: true,
          accumulate: adding)
      case .bfloat16:
        // The left matrices are stored as columns.
        try BatchReduceKernel(
          rows: columns, columns: side, depth: ChunkPlan.filled(rows: rows), operands: operands,
          accumulate: adding)
      }
    }
    // One where operands are float and tiles are full, so that they stay in the first cache; more
    // where they are short, or where sums stay in the tile unit.
    gradientBatch = operands == .float32 ? max(1, side / rows) : side
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
  private let floatProducts: ProductKernels
  /// nil where all passes are in float.
  private let roundedProducts: ProductKernels?
  /// rows×21 · 21×64, read from the padded input: a row of the first convolution's kernel; in
  /// bfloat16 filled up to a depth of 32.
  let stem: BatchReduceKernel
  /// (rows×21)ᵀ · rows×64.
  let stemGradient: BatchReduceKernel
  let stemGradientAdding: BatchReduceKernel

  init(rows: Int, operands: ProductShape.Operands, input: InputLayout) throws {
    self.rows = rows
    floatProducts = try ProductKernels(rows: rows, .float32)
    roundedProducts = operands == .bfloat16 ? try ProductKernels(rows: rows, .bfloat16) : nil
    func stemGradient(adding: Bool) throws -> BatchReduceKernel {
      switch operands {
      case .float32:
        try BatchReduceKernel(
          rows: StemConvolution.depth, columns: tileWidth, depth: rows,
          leftStride: input.rowStride, leftTransposed: true, accumulate: adding)
      case .bfloat16:
        // Of `RoundedStem.columns`.
        try BatchReduceKernel(
          rows: StemConvolution.depth, columns: tileWidth, depth: ChunkPlan.filled(rows: rows),
          operands: operands, leftStride: ChunkPlan.filled(rows: input.batchCapacity),
          accumulate: adding)
      }
    }
    stem = try BatchReduceKernel(
      rows: rows, columns: tileWidth,
      depth: operands == .float32 ? StemConvolution.depth : RoundedStem.depth,
      operands: operands, leftStride: input.rowStride)
    self.stemGradient = try stemGradient(adding: false)
    stemGradientAdding = try stemGradient(adding: true)
  }

  /// - Precondition: the plan is of a pass with such operands.
  func products(_ operands: ProductShape.Operands) -> ProductKernels {
    guard operands == .bfloat16 else { return floatProducts }
    guard let roundedProducts else { preconditionFailure("a pass in float rounds nothing") }
    return roundedProducts
  }
}
