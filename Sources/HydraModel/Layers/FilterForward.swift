/// A convolution's forward pass as a minimal filter: for a chunk of samples and a block of output
/// channels all products, one batch-reduce GEMM each over the input channels, and from them the
/// outputs of the whole map, Aᵀ M A. At up to 128×128 the products are still in cache.
struct FilterForward: TileWork {
  let convolution: Convolution
  let tiling: FilterTiling
  /// Made by `FilterInputTransform`.
  let input: FilterMap
  let output: FeatureMap
  let weights: UnsafePointer<Float>
  let plan: BatchPlan
  let finish: ForwardFinish
  let phase = StepPhase.convolutionForward

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * convolution.outputBlocks }

  func run(task: Int, on worker: TileWorker) {
    let chunkPlan = plan.chunkPlan(tiling)
    let outputBlock = task % convolution.outputBlocks
    let chunkIndex = task / convolution.outputBlocks
    let chunk = chunkPlan.chunks[chunkIndex]
    for product in 0..<tiling.productCount {
      for block in 0..<convolution.inputBlocks {
        worker.addresses.append(
          left: input.matrix(chunk: chunkIndex, product: product, block: block),
          right: weights
            + convolution.filterTile(
              product: product, outputBlock: outputBlock, inputBlock: block))
      }
      chunk.kernels.product.run(
        worker.addresses, out: worker.products + product * chunkPlan.stride)
    }
    switch tiling.kind {
    case .pair: transform(PairFilter.self, outputBlock, chunk, chunkPlan.stride, worker)
    case .quad: transform(QuadFilter.self, outputBlock, chunk, chunkPlan.stride, worker)
    }

    if case .moments(let norm) = finish {
      let partial = norm.partial(tile: chunkIndex, block: outputBlock)
      mapMoments(
        output, block: outputBlock, start: chunk.start, rows: chunk.sampleCount,
        sampleCount: plan.sampleCount, mean: norm.first + partial, squares: norm.second + partial)
      return
    }
    for position in 0..<output.size.positionCount {
      finish.run(
        on: output.tile(
          position: position, block: outputBlock, sampleCount: plan.sampleCount,
          start: chunk.start),
        at: TilePlace(
          position: position, block: outputBlock, start: chunk.start, rows: chunk.sampleCount,
          sampleCount: plan.sampleCount))
    }
  }

  @inline(__always)
  private func transform<Filter: MinimalFilter>(
    _: Filter.Type, _ block: Int, _ chunk: SampleChunk, _ productStride: Int,
    _ worker: TileWorker
  ) {
    let target = output.tile(
      position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start)
    let targetStride = output.positionStride(sampleCount: plan.sampleCount)
    let (count, side) = (Filter.Output.resultCount, Filter.Output.count)
    let between = worker.lanes
    tiling.outputPositions.withUnsafeBufferPointer { table in
      // SAFETY: the table has count² pixels for each tile; pixels are inside the map.
      for tile in 0..<tiling.tileCount {
        let positions = table.extracting(tile &* count &* count..<(tile &+ 1) &* count &* count)
        for offset in stride(
          from: 0, to: chunk.sampleCount &* tileWidth, by: Lanes.scalarCount)
        {
          let row = worker.products + (tile &* chunk.sampleCount &* tileWidth &+ offset)
          let y = target + offset
          Filter.Output.runBoth(
            between: between,
            { load(row + ($0 &* side &+ $1) &* productStride) },
            {
              let position = positions[unchecked: $0 &* count &+ $1]
              if position >= 0 { store($2, y + position &* targetStride) }
            })
        }
      }
    }
  }
}
