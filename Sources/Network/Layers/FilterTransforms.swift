/// Bᵀ x B: a map into the form that products of a minimal filter take. A task is a chunk of samples
/// and a block of channels.
struct FilterInputTransform: FilterWork {
  /// The convolution's name.
  let layer: String
  let tiling: FilterTiling
  let input: FeatureMap
  let out: FilterMap
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * input.blockCount }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (index, block) = task.quotientAndRemainder(dividingBy: input.blockCount)
    let chunk = plan.chunkPlan(tiling).chunks[index]
    let source = UnsafePointer(
      input.tile(position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start))
    let sourceStride = input.positionStride(sampleCount: plan.sampleCount)
    let target = out.matrix(chunk: index, product: 0, block: block)
    let targetStride = out.stride &* out.blockCount
    let (side, products) = (Filter.Input.count, Filter.Input.resultCount)
    let between = worker.lanes
    chunk.forEachLanes(of: tiling.inputPositions, pixelCount: side * side) { tile in
      Filter.Input.runBoth(
        between: between,
        {
          let position = tile.position($0 &* side &+ $1)
          return position < 0
            ? .zero : load(source + (position &* sourceStride &+ tile.offset))
        },
        { store($2, target + (($0 &* products &+ $1) &* targetStride &+ tile.row)) })
    }
  }
}

/// A dy Aᵀ of a gradient dy = g·a + x·b + c that BatchNorm passes on: what both gradients of a
/// minimal filter are made of. A task is a chunk of samples and a block of channels.
struct FilterGradientTransform: FilterWork {
  /// The convolution's name.
  let layer: String
  let tiling: FilterTiling
  /// Of BatchNorm's output.
  let gradient: FeatureMap
  /// BatchNorm, and the convolution's output.
  let input: NormInput
  let out: FilterMap
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * gradient.blockCount }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (index, block) = task.quotientAndRemainder(dividingBy: gradient.blockCount)
    let chunk = plan.chunkPlan(tiling).chunks[index]
    func source(_ map: FeatureMap) -> UnsafePointer<Float> {
      UnsafePointer(
        map.tile(position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start))
    }
    let (g, x) = (source(gradient), source(input.map))
    let coefficients = input.norm.gradient(block: block)
    let sourceStride = gradient.positionStride(sampleCount: plan.sampleCount)
    let target = out.matrix(chunk: index, product: 0, block: block)
    let targetStride = out.stride &* out.blockCount
    let (side, products) = (Filter.OutputGradient.count, Filter.OutputGradient.resultCount)
    let between = worker.lanes
    chunk.forEachLanes(of: tiling.outputPositions, pixelCount: side * side) { tile in
      let channel = tile.offset % tileWidth
      let a = load(coefficients.a + channel)
      let b = load(coefficients.b + channel)
      let c = load(coefficients.c + channel)
      Filter.OutputGradient.runBoth(
        between: between,
        {
          let position = tile.position($0 &* side &+ $1)
          if position < 0 { return .zero }
          let at = position &* sourceStride &+ tile.offset
          return c.addingProduct(load(g + at), a).addingProduct(load(x + at), b)
        },
        { store($2, target + (($0 &* products &+ $1) &* targetStride &+ tile.row)) })
    }
  }
}
