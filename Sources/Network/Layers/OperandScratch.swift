import Kernels
import Tensors

/// Memory for the transformed or rounded maps of the current convolutions, and for the products of its weight
/// gradient. One set serves all layers: what the backward pass needs again it makes again.
final class OperandScratch {
  let weightProducts: UnsafeMutablePointer<Float>
  /// By use: the transformed input, and the two forms of the transformed gradient.
  private let inputs: [UnsafeMutablePointer<Float>]
  private let gradients: [UnsafeMutablePointer<Float>]
  private let gradientPairs: [UnsafeMutablePointer<Float>]
  private let memory: MapAllocator

  /// - Parameters:
  ///   - uses: how many convolutions run at the same time.
  ///   - operands: all that passes may have.
  init(
    convolutions: [Convolution], uses: Int, batchCapacity: Int,
    operands: [ProductShape.Operands]
  ) throws {
    let memory = MapAllocator(batchCapacity: batchCapacity)
    self.memory = memory
    var largestInput = 0
    var largestGradient = 0
    var largestWeight = 0
    for convolution in convolutions {
      guard let tiling = convolution.tiling else {
        guard operands.contains(.bfloat16) else { continue }
        let floats = OperandScratch.pixelFloats(batchCapacity)
        largestInput = max(
          largestInput, floats * convolution.taps.input.positionCount * convolution.inputBlocks)
        largestGradient = max(
          largestGradient,
          floats * convolution.taps.output.positionCount * convolution.outputBlocks)
        continue
      }
      let floats = operands.map { OperandScratch.matrixFloats(tiling, batchCapacity, $0) }
      let matrices = tiling.productCount * (floats.max() ?? 0)
      largestInput = max(largestInput, matrices * convolution.inputBlocks)
      largestGradient = max(largestGradient, matrices * convolution.outputBlocks)
      largestWeight = max(
        largestWeight,
        tiling.productCount * convolution.inputBlocks * convolution.outputBlocks
          * Convolution.tile)
    }
    func floats(_ count: Int) throws -> [UnsafeMutablePointer<Float>] {
      try (0..<uses).map { _ in try memory.floats(count) }
    }
    inputs = try floats(largestInput)
    gradients = try floats(largestGradient)
    gradientPairs = operands.contains(.bfloat16) ? try floats(largestGradient) : []
    weightProducts = try memory.floats(largestWeight)
  }

  /// Room for a convolution's transformed input, as its product reads it.
  ///
  /// - Parameter overSamples: the product sums over samples and not over channels.
  func input(use: Int, of convolution: Convolution, overSamples: Bool, _ plan: BatchPlan)
    -> OperandMap
  {
    let form = plan.form(overSamples ? .columns : .rows)
    return map(
      inputs[use], form, convolution, pixels: convolution.taps.input, convolution.inputBlocks, plan)
  }

  /// Room for the transformed gradient of a convolution's output, likewise.
  func gradient(use: Int, of convolution: Convolution, overSamples: Bool, _ plan: BatchPlan)
    -> OperandMap
  {
    let form = plan.form(overSamples ? .pairs : .rows)
    return map(
      form == .pairs ? gradientPairs[use] : gradients[use], form, convolution,
      pixels: convolution.taps.output, convolution.outputBlocks, plan)
  }

  private func map(
    _ pointer: UnsafeMutablePointer<Float>, _ form: OperandMap.Form, _ convolution: Convolution,
    pixels: MapSize, _ blocks: Int, _ plan: BatchPlan
  ) -> OperandMap {
    guard let tiling = convolution.tiling else {
      precondition(form != .floats, "a direct product reads floats as they lie")
      return OperandMap(
        pointer: UnsafeMutableRawPointer(pointer), form: form,
        productCount: pixels.positionCount, blockCount: blocks, stride: plan.blockStride)
    }
    return OperandMap(
      pointer: UnsafeMutableRawPointer(pointer), form: form, productCount: tiling.productCount,
      blockCount: blocks, stride: plan.chunkPlan(tiling).stride)
  }

  /// Floats of all chunks of one product and block of channels, for any batch up to the capacity.
  private static func matrixFloats(
    _ tiling: FilterTiling, _ batchCapacity: Int, _ operands: ProductShape.Operands
  ) -> Int {
    let stride = ChunkPlan.stride(rows: rows(tiling, batchCapacity), operands)
    return tiling.chunkCount(sampleCount: batchCapacity)
      * (operands == .float32 ? stride : (stride + 1) / 2)
  }

  /// Floats of all blocks of samples at a pixel and a block of channels, rounded.
  private static func pixelFloats(_ batchCapacity: Int) -> Int {
    let rows = min(tileWidth, batchCapacity)
    return BatchPlan.blockCount(sampleCount: batchCapacity)
      * (ChunkPlan.stride(rows: rows, .bfloat16) / 2)
  }

  private static func rows(_ tiling: FilterTiling, _ batchCapacity: Int) -> Int {
    min(tiling.samplesPerChunk, batchCapacity) * tiling.tileCount
  }

  /// Floats that the products of one chunk and block of channels take, or their operands in
  /// bfloat16. `OperandBank` needs the same memory for the nine matrices of a pair of blocks.
  static func productCapacity(tilings: [FilterTiling], batchCapacity: Int) -> Int {
    let products = tilings.map { tiling in
      let rows = rows(tiling, batchCapacity)
      return tiling.productCount
        * max(ChunkPlan.stride(rows: rows, .float32), ChunkPlan.stride(rows: rows, .bfloat16) / 2)
    }
    return max(9 * Convolution.tile, products.max() ?? 0)
  }

  /// Elements of the largest matrix of samples in bfloat16.
  static func pairCapacity(tilings: [FilterTiling], input: InputLayout) -> Int {
    let largest = tilings.reduce(tileWidth) {
      max($0, ChunkPlan.filled(rows: rows($1, input.batchCapacity)))
    }
    return max(largest * tileWidth, RoundedStem.scratchCount(input))
  }
}
