/// Bᵀ x B: a map into the form that products of a minimal filter take. A task is a chunk of samples
/// and a block of channels.
struct FilterInputTransform: TileWork {
  let tiling: FilterTiling
  let input: FeatureMap
  let out: FilterMap
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * input.blockCount }

  func run(task: Int, on worker: TileWorker) {
    switch tiling.kind {
    case .pair: transform(PairFilter.self, task, worker)
    case .quad: transform(QuadFilter.self, task, worker)
    }
  }

  @inline(__always)
  private func transform<Filter: MinimalFilter>(
    _: Filter.Type, _ task: Int, _ worker: TileWorker
  ) {
    let block = task % input.blockCount
    let chunkIndex = task / input.blockCount
    let chunk = plan.chunkPlan(tiling).chunks[chunkIndex]
    let source = input.tile(
      position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start)
    let sourceStride = input.positionStride(sampleCount: plan.sampleCount)
    let target = out.matrix(chunk: chunkIndex, product: 0, block: block)
    let targetStride = out.stride &* out.blockCount
    let (count, side) = (Filter.Input.count, Filter.Input.resultCount)
    let between = worker.lanes
    tiling.inputPositions.withUnsafeBufferPointer { table in
      // SAFETY: the table has count² pixels for each tile; pixels are inside the map.
      for tile in 0..<tiling.tileCount {
        let positions = table.extracting(tile &* count &* count..<(tile &+ 1) &* count &* count)
        for offset in stride(
          from: 0, to: chunk.sampleCount &* tileWidth, by: Lanes.scalarCount)
        {
          let row = target + (tile &* chunk.sampleCount &* tileWidth &+ offset)
          let x = source + offset
          Filter.Input.runBoth(
            between: between,
            { loadPixel(x, positions[unchecked: $0 &* count &+ $1], sourceStride) },
            { store($2, row + ($0 &* side &+ $1) &* targetStride) })
        }
      }
    }
  }
}

/// A dy Aᵀ of a gradient dy = g·a + x·b + c that BatchNorm passes on: what both gradients of a
/// minimal filter are made of. A task is a chunk of samples and a block of channels.
struct FilterGradientTransform: TileWork {
  let tiling: FilterTiling
  /// Of BatchNorm's output.
  let gradient: FeatureMap
  /// BatchNorm, and the convolution's output.
  let input: NormInput
  let out: FilterMap
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * gradient.blockCount }

  func run(task: Int, on worker: TileWorker) {
    switch tiling.kind {
    case .pair: transform(PairFilter.self, task, worker)
    case .quad: transform(QuadFilter.self, task, worker)
    }
  }

  @inline(__always)
  private func transform<Filter: MinimalFilter>(
    _: Filter.Type, _ task: Int, _ worker: TileWorker
  ) {
    let block = task % gradient.blockCount
    let chunkIndex = task / gradient.blockCount
    let chunk = plan.chunkPlan(tiling).chunks[chunkIndex]
    func tile(_ map: FeatureMap) -> UnsafeMutablePointer<Float> {
      map.tile(position: 0, block: block, sampleCount: plan.sampleCount, start: chunk.start)
    }
    let (gBase, xBase) = (tile(gradient), tile(input.map))
    let coefficients = input.norm.gradient(block: block)
    let sourceStride = gradient.positionStride(sampleCount: plan.sampleCount)
    let target = out.matrix(chunk: chunkIndex, product: 0, block: block)
    let targetStride = out.stride &* out.blockCount
    let (count, side) = (Filter.OutputGradient.count, Filter.OutputGradient.resultCount)
    let between = worker.lanes
    tiling.outputPositions.withUnsafeBufferPointer { table in
      // SAFETY: the table has count² pixels for each tile; pixels are inside the map.
      for tile in 0..<tiling.tileCount {
        let positions = table.extracting(tile &* count &* count..<(tile &+ 1) &* count &* count)
        for channel in stride(from: 0, to: tileWidth, by: Lanes.scalarCount) {
          let a = load(coefficients.a + channel)
          let b = load(coefficients.b + channel)
          let c = load(coefficients.c + channel)
          for sample in 0..<chunk.sampleCount {
            let offset = sample &* tileWidth &+ channel
            let row = target + (tile &* chunk.sampleCount &* tileWidth &+ offset)
            let (g, x) = (gBase + offset, xBase + offset)
            Filter.OutputGradient.runBoth(
              between: between,
              {
                let position = positions[unchecked: $0 &* count &+ $1]
                if position < 0 { return .zero }
                let at = position &* sourceStride
                return c.addingProduct(load(g + at), a).addingProduct(load(x + at), b)
              },
              { store($2, row + ($0 &* side &+ $1) &* targetStride) })
          }
        }
      }
    }
  }
}

/// The lanes of a pixel, or zero outside the map.
@inline(__always)
func loadPixel(_ base: UnsafePointer<Float>, _ position: Int, _ stride: Int) -> Lanes {
  position < 0 ? .zero : load(base + position &* stride)
}

extension UnsafeBufferPointer {
  /// An element whose index the caller knows to be inside.
  @inline(__always)
  subscript(unchecked index: Int) -> Element {
    // SAFETY: the caller's.
    guard let baseAddress else { preconditionFailure("an empty table is not read") }
    return baseAddress[index]
  }
}
