/// The gradient of a minimal filter's input, B [U ⊙ (A dy Aᵀ)] Bᵀ: for a chunk of samples and a
/// block of input channels all products, and from them the gradient of the whole map, whose pixels
/// under several tiles are sums.
struct FilterInputGradient: TileWork {
  let convolution: Convolution
  let tiling: FilterTiling
  /// Made by `FilterGradientTransform`.
  let gradient: FilterMap
  let out: FeatureMap
  /// Adds to what `out` holds.
  let accumulate: Bool
  let transposed: UnsafePointer<Float>
  let plan: BatchPlan
  let finish: InputGradientFinish
  let phase = StepPhase.inputGradient

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * convolution.inputBlocks }

  func run(task: Int, on worker: TileWorker) {
    let chunkPlan = plan.chunkPlan(tiling)
    let block = task % convolution.inputBlocks
    let chunkIndex = task / convolution.inputBlocks
    let chunk = chunkPlan.chunks[chunkIndex]
    for product in 0..<tiling.productCount {
      for outputBlock in 0..<convolution.outputBlocks {
        worker.addresses.append(
          left: gradient.matrix(chunk: chunkIndex, product: product, block: outputBlock),
          right: transposed
            + convolution.transposedFilterTile(
              product: product, outputBlock: outputBlock, inputBlock: block))
      }
      chunk.kernels.product.run(
        worker.addresses, out: worker.products + product * chunkPlan.stride)
    }
    switch tiling.kind {
    case .pair: transform(PairFilter.self, block, chunk, chunkPlan.stride, worker)
    case .quad: transform(QuadFilter.self, block, chunk, chunkPlan.stride, worker)
    }
    // The products have been read: their memory is free.
    finish.run(
      onMap: out,
      at: TilePlace(
        position: 0, block: block, start: chunk.start, rows: chunk.sampleCount,
        sampleCount: plan.sampleCount),
      partial: chunkIndex, scratch: worker.products)
  }

  @inline(__always)
  private func transform<Filter: MinimalFilter>(
    _: Filter.Type, _ block: Int, _ chunk: SampleChunk, _ productStride: Int,
    _ worker: TileWorker
  ) {
    let target = out.tile(
      position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start)
    let targetStride = out.positionStride(sampleCount: plan.sampleCount)
    let (count, side) = (Filter.InputGradient.resultCount, Filter.InputGradient.count)
    let between = worker.lanes
    let pixels = count &* count
    tiling.inputPositions.withUnsafeBufferPointer { table in
      tiling.isShared.withUnsafeBufferPointer { shared in
        // SAFETY: the tables have count² pixels for each tile; pixels are inside the map.
        for tile in 0..<tiling.tileCount {
          let positions = table.extracting(tile &* pixels..<(tile &+ 1) &* pixels)
          let adding = shared.extracting(tile &* pixels..<(tile &+ 1) &* pixels)
          for offset in stride(
            from: 0, to: chunk.sampleCount &* tileWidth, by: Lanes.scalarCount)
          {
            let row = worker.products + (tile &* chunk.sampleCount &* tileWidth &+ offset)
            let x = target + offset
            Filter.InputGradient.runBoth(
              between: between,
              { load(row + ($0 &* side &+ $1) &* productStride) },
              {
                let position = positions[unchecked: $0 &* count &+ $1]
                if position < 0 { return }
                let pixel = x + position &* targetStride
                let adds = accumulate || adding[unchecked: $0 &* count &+ $1]
                store(adds ? load(pixel) + $2 : $2, pixel)
              })
          }
        }
      }
    }
  }
}
