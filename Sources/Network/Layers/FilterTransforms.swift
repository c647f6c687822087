/// Bᵀ x B: a map into the form that products of a minimal filter take. A task is a chunk of samples
/// and a block of channels.
struct FilterInputTransform: FilterWork {
  /// The convolution's name.
  let layer: String
  let tiling: FilterTiling
  let input: FeatureMap
  let out: OperandMap
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * input.blockCount }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (index, block) = task.quotientAndRemainder(dividingBy: input.blockCount)
    let chunkPlan = plan.chunkPlan(tiling)
    let source = UnsafePointer(
      input.tile(
        position: 0, block: block, sampleCount: plan.sampleCount,
        start: chunkPlan.chunks[index].start))
    let sourceStride = input.positionStride(sampleCount: plan.sampleCount)
    @inline(__always)
    func pixel(_ position: Int, _ tile: TileLanes, _: Void) -> Lanes {
      load(source + (position &* sourceStride &+ tile.offset))
    }
    worker.transform(
      Filter.Input.self, chunk: index, of: chunkPlan, positions: tiling.inputPositions,
      block: block, to: [out], { _ in () }, pixel)
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
  /// The forms that the gradients' products take.
  let out: [OperandMap]
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { plan.chunkPlan(tiling).chunks.count * gradient.blockCount }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (index, block) = task.quotientAndRemainder(dividingBy: gradient.blockCount)
    let chunkPlan = plan.chunkPlan(tiling)
    func source(_ map: FeatureMap) -> UnsafePointer<Float> {
      UnsafePointer(
        map.tile(
          position: 0, block: block, sampleCount: plan.sampleCount,
          start: chunkPlan.chunks[index].start))
    }
    let (g, x) = (source(gradient), source(input.map))
    let coefficients = input.norm.gradient(block: block)
    let sourceStride = gradient.positionStride(sampleCount: plan.sampleCount)
    // A function and not a closure, which the two kinds of elements would both call.
    @inline(__always)
    func pixel(_ position: Int, _ tile: TileLanes, _ channels: ChannelGradient.OfLanes) -> Lanes {
      let at = position &* sourceStride &+ tile.offset
      return channels.apply(load(g + at), load(x + at))
    }
    worker.transform(
      Filter.OutputGradient.self, chunk: index, of: chunkPlan, positions: tiling.outputPositions,
      block: block, to: out, { coefficients.lanes(at: $0.offset % tileWidth) }, pixel)
  }
}

extension TileWorker {
  /// Applies a step to all tiles of a chunk, for a block of channels, and lays the results out as
  /// the maps' forms say.
  ///
  /// - Parameters:
  ///   - positions: the pixels of the tiles, a table of `FilterTiling`.
  ///   - maps: floats, or any of the forms of bfloat16.
  ///   - prepare: what `load` needs of some channels.
  ///   - load: reads a pixel inside the map.
  @inline(__always)
  fileprivate func transform<Step: FilterStep, Channels>(
    _ step: Step.Type, chunk index: Int, of plan: ChunkPlan, positions: [Int], block: Int,
    to maps: [OperandMap], _ prepare: (TileLanes) -> Channels,
    _ load: (_ position: Int, TileLanes, Channels) -> Lanes
  ) {
    let chunk = plan.chunks[index]
    func matrix(_ map: OperandMap, _ product: Int) -> UnsafeMutableRawPointer {
      map.matrix(chunk: index, product: product, block: block)
    }
    if let map = maps.first, map.form == .floats {
      let target = matrix(map, 0).assumingMemoryBound(to: Float.self)
      transform(
        step, chunk, positions, into: target, stride: map.stride &* map.blockCount, prepare, load)
      return
    }
    // As rows first, in their map if there is one; the products' memory is free now.
    let rowMap = maps.first { $0.form == .rows }
    let target = rowMap.map { matrix($0, 0) } ?? UnsafeMutableRawPointer(products)
    let targetStride = rowMap.map { $0.stride &* $0.blockCount } ?? plan.stride
    let rows = target.assumingMemoryBound(to: BFloat16.self)
    transform(step, chunk, positions, into: rows, stride: targetStride, prepare, load)

    let rowCount = chunk.sampleCount &* (positions.count / (Step.count &* Step.count))
    for map in maps where map.form != .rows {
      for product in 0..<map.productCount {
        arrange(
          rows + product &* targetStride, rows: rowCount, as: map.form,
          into: matrix(map, product))
      }
    }
  }

  @inline(__always)
  private func transform<Step: FilterStep, Element: OperandElement, Channels>(
    _: Step.Type, _ chunk: SampleChunk, _ positions: [Int],
    into target: UnsafeMutablePointer<Element>, stride: Int,
    _ prepare: (TileLanes) -> Channels, _ load: (Int, TileLanes, Channels) -> Lanes
  ) {
    let between = lanes
    chunk.forEachLanes(of: positions, pixelCount: Step.count &* Step.count) { tile in
      let channels = prepare(tile)
      Step.runBoth(
        between: between,
        {
          let position = tile.position($0 &* Step.count &+ $1)
          return position < 0 ? .zero : load(position, tile, channels)
        },
        {
          let product = $0 &* Step.resultCount &+ $1
          Element.store($2, target + (product &* stride &+ tile.row))
        })
    }
  }
}
