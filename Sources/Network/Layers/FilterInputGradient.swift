/// The gradient of a minimal filter's input, B [U ⊙ (A dy Aᵀ)] Bᵀ: for a chunk of samples and a
/// block of input channels all products, and from them the gradient of the whole map, whose pixels
/// under several tiles are sums.
struct FilterInputGradient: FilterWork {
  let convolution: Convolution
  let tiling: FilterTiling
  /// Made by `FilterGradientTransform`.
  let gradient: OperandMap
  let out: FeatureMap
  /// Adds to what `out` holds.
  let accumulate: Bool
  let transposed: OperandWeights
  let plan: BatchPlan
  let finish: InputGradientFinish
  let phase = StepPhase.inputGradient

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * convolution.inputBlocks }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (index, block) = task.quotientAndRemainder(dividingBy: convolution.inputBlocks)
    let chunkPlan = plan.chunkPlan(tiling)
    let chunk = chunkPlan.chunks[index]
    worker.multiply(gradient, chunk: index, of: chunkPlan) {
      transposed.matrix(
        at: convolution.transposedBankTile(product: $0, outputBlock: $1, inputBlock: block))
    }

    let source = UnsafePointer(worker.products)
    let target = out.tile(
      position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start)
    let targetStride = out.positionStride(sampleCount: plan.sampleCount)
    let (products, side) = (Filter.InputGradient.count, Filter.InputGradient.resultCount)
    let between = worker.lanes
    tiling.isShared.withUnsafeBufferPointer { shared in
      chunk.forEachLanes(of: tiling.inputPositions, pixelCount: side * side) { tile in
        Filter.InputGradient.runBoth(
          between: between,
          { load(source + (($0 &* products &+ $1) &* chunkPlan.productStride &+ tile.row)) },
          {
            let pixel = $0 &* side &+ $1
            let position = tile.position(pixel)
            if position < 0 { return }
            let value = target + (position &* targetStride &+ tile.offset)
            let adds = accumulate || shared[tile.firstPixel &+ pixel]
            store(adds ? load(value) + $2 : $2, value)
          })
      }
    }
    // The products have been read: their memory is free.
    finish.run(
      onMap: out,
      at: TilePlace(
        position: 0, block: block, start: chunk.start, rows: chunk.sampleCount,
        sampleCount: plan.sampleCount),
      partial: index, scratch: worker.products)
  }
}
