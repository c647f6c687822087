/// A convolution's forward pass as a minimal filter: for a chunk of samples and a block of output
/// channels all products, one batch-reduce GEMM each over the input channels, and from them the
/// outputs of the whole map, Aᵀ M A. At up to 128×128 the products are still in cache.
struct FilterForward: FilterWork {
  let convolution: Convolution
  let tiling: FilterTiling
  /// Made by `FilterInputTransform`.
  let input: OperandMap
  let output: FeatureMap
  let weights: OperandWeights
  let plan: BatchPlan
  let finish: ForwardFinish
  let phase = StepPhase.convolutionForward

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * convolution.outputBlocks }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (index, block) = task.quotientAndRemainder(dividingBy: convolution.outputBlocks)
    let chunkPlan = plan.chunkPlan(tiling)
    let chunk = chunkPlan.chunks[index]
    worker.multiply(input, chunk: index, of: chunkPlan) {
      weights.matrix(
        at: convolution.bankTile(product: $0, outputBlock: block, inputBlock: $1))
    }

    let source = UnsafePointer(worker.products)
    let target = output.tile(
      position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start)
    let targetStride = output.positionStride(sampleCount: plan.sampleCount)
    let (products, side) = (Filter.Output.count, Filter.Output.resultCount)
    let between = worker.lanes
    chunk.forEachLanes(of: tiling.outputPositions, pixelCount: side * side) { tile in
      Filter.Output.runBoth(
        between: between,
        { load(source + (($0 &* products &+ $1) &* chunkPlan.productStride &+ tile.row)) },
        {
          let position = tile.position($0 &* side &+ $1)
          if position >= 0 { store($2, target + (position &* targetStride &+ tile.offset)) }
        })
    }
    finish(chunk, index: index, block: block)
  }

  private func finish(_ chunk: SampleChunk, index: Int, block: Int) {
    if case .moments(let norm) = finish {
      let partial = norm.partial(tile: index, block: block)
      mapMoments(
        output, block: block, start: chunk.start, rows: chunk.sampleCount,
        sampleCount: plan.sampleCount, mean: norm.first + partial, squares: norm.second + partial)
      return
    }
    for position in 0..<output.size.positionCount {
      let place = TilePlace(
        position: position, block: block, start: chunk.start, rows: chunk.sampleCount,
        sampleCount: plan.sampleCount)
      finish.run(on: output.tile(at: place), at: place)
    }
  }
}
