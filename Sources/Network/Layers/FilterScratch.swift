/// Memory for the transformed maps of the current convolution, and for the products of its weight
/// gradient. One set serves all layers: what the backward pass needs again it makes again.
final class FilterScratch {
  let weightProducts: UnsafeMutablePointer<Float>
  private let inputs: [UnsafeMutablePointer<Float>]
  private let gradients: [UnsafeMutablePointer<Float>]
  private let memory: MapAllocator

  /// - Parameter uses: how many convolutions run at the same time.
  init(convolutions: [Convolution], uses: Int, batchCapacity: Int) throws {
    let memory = MapAllocator(batchCapacity: batchCapacity)
    self.memory = memory
    var largestInput = 0
    var largestGradient = 0
    var largestWeight = 0
    for convolution in convolutions {
      guard let tiling = convolution.filter?.tiling else { continue }
      let matrices = tiling.productCount * FilterScratch.matrixFloats(tiling, batchCapacity)
      largestInput = max(largestInput, matrices * convolution.inputBlocks)
      largestGradient = max(largestGradient, matrices * convolution.outputBlocks)
      largestWeight = max(
        largestWeight,
        tiling.productCount * convolution.inputBlocks * convolution.outputBlocks
          * Convolution.tile)
    }
    inputs = try (0..<uses).map { _ in try memory.floats(largestInput) }
    gradients = try (0..<uses).map { _ in try memory.floats(largestGradient) }
    weightProducts = try memory.floats(largestWeight)
  }

  /// Room for a convolution's transformed input.
  func input(use: Int, of convolution: Convolution, _ plan: BatchPlan) -> FilterMap {
    map(inputs[use], convolution, blocks: convolution.inputBlocks, plan)
  }

  /// Room for the transformed gradient of a convolution's output.
  func gradient(use: Int, of convolution: Convolution, _ plan: BatchPlan) -> FilterMap {
    map(gradients[use], convolution, blocks: convolution.outputBlocks, plan)
  }

  private func map(
    _ pointer: UnsafeMutablePointer<Float>, _ convolution: Convolution, blocks: Int,
    _ plan: BatchPlan
  ) -> FilterMap {
    guard let tiling = convolution.filter?.tiling else {
      preconditionFailure("only a convolution with a filter has a transformed map")
    }
    return FilterMap(
      pointer: pointer, productCount: tiling.productCount, blockCount: blocks,
      stride: plan.chunkPlan(tiling).stride)
  }

  /// Floats of all chunks of one product and block of channels, for any batch up to the capacity.
  private static func matrixFloats(_ tiling: FilterTiling, _ batchCapacity: Int) -> Int {
    tiling.chunkCount(sampleCount: batchCapacity)
      * FilterMap.stride(rows: min(tiling.samplesPerChunk, batchCapacity) * tiling.tileCount)
  }

  /// Floats that the products of one chunk and block of channels take. `FilterBank` needs the same
  /// memory for the nine matrices of a pair of blocks.
  static func productCapacity(tilings: [FilterTiling], batchCapacity: Int) -> Int {
    let products = tilings.map { tiling in
      let size = min(tiling.samplesPerChunk, batchCapacity)
      return tiling.productCount * FilterMap.stride(rows: size * tiling.tileCount)
    }
    return max(9 * Convolution.tile, products.max() ?? 0)
  }
}
