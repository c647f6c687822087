/// The stem's end, or an attention encoder's: BatchNorm, ReLU and max-pool in one pass. The map
/// between convolution and pooling is never written.
struct PoolForward: TileWork {
  let taps: WindowTaps
  let input: NormInput
  let output: FeatureMap
  /// The winning tap of every output, as a float.
  let winner: FeatureMap
  let plan: BatchPlan
  let phase = StepPhase.pooling

  var taskCount: Int { output.blockCount * plan.blocks.count * taps.output.positionCount }

  func run(task: Int, on worker: TileWorker) {
    let positions = taps.output.positionCount
    let position = task % positions
    let samples = plan.blocks[task / positions % plan.blocks.count]
    let block = task / positions / plan.blocks.count
    func tile(_ map: FeatureMap, _ position: Int) -> UnsafeMutablePointer<Float> {
      map.tile(
        position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
    }
    let links = taps.ofOutput[position]
    withUnsafeTemporaryAllocation(of: PoolingSource.self, capacity: links.count) { sources in
      for (i, link) in links.enumerated() {
        let x = tile(input.map, link.position)
        sources.initializeElement(at: i, to: PoolingSource(x: x, tap: Float(link.tap)))
      }
      tilePool(
        UnsafeBufferPointer(sources), input.norm.affine(block: block), rows: samples.rows,
        out: tile(output, position), winner: tile(winner, position))
    }
  }
}

/// Spreads the pooled map's gradient to the pixels that won, with the sums that BatchNorm's
/// backward pass needs. ReLU is in the mask that the pooled gradient already has.
struct PoolBackward: TileWork {
  let taps: WindowTaps
  let input: NormInput
  /// Gradient of the pooled map, masked by ReLU.
  let pooledGradient: FeatureMap
  let winner: FeatureMap
  let out: FeatureMap
  let plan: BatchPlan
  let phase = StepPhase.pooling

  var taskCount: Int { out.blockCount * plan.blocks.count * taps.input.positionCount }

  func run(task: Int, on worker: TileWorker) {
    let positions = taps.input.positionCount
    let position = task % positions
    let sampleBlock = task / positions % plan.blocks.count
    let block = task / positions / plan.blocks.count
    let samples = plan.blocks[sampleBlock]
    let links = taps.ofInput[position]
    func tile(_ map: FeatureMap, _ position: Int) -> UnsafeMutablePointer<Float> {
      map.tile(
        position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
    }
    withUnsafeTemporaryAllocation(of: UnpoolingSource.self, capacity: links.count) { sources in
      for (i, link) in links.enumerated() {
        let source = UnpoolingSource(
          g: tile(pooledGradient, link.position), winner: tile(winner, link.position),
          tap: Float(link.tap))
        sources.initializeElement(at: i, to: source)
      }
      let norm = input.norm
      let partial = norm.partial(tile: sampleBlock * positions + position, block: block)
      tileUnpool(
        UnsafeBufferPointer(sources),
        input: NormalizedInput(
          x: tile(input.map, position), mean: norm.mean + block * tileWidth),
        rows: samples.rows, out: tile(out, position), sum: norm.first + partial,
        product: norm.second + partial)
    }
  }
}
