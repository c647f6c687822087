/// The trunk's end: the mean of every channel over the last map's pixels.
struct AverageForward: TileWork {
  let input: FeatureMap
  /// One pixel.
  let output: FeatureMap
  let plan: BatchPlan
  let phase = StepPhase.pooling

  var taskCount: Int { output.blockCount }

  func run(task: Int, on worker: TileWorker) {
    let count = plan.sampleCount
    let positions = input.size.positionCount
    let factor = Lanes(repeating: 1 / Float(positions))
    let out = output.tile(position: 0, block: task, sampleCount: count)
    for offset in stride(from: 0, to: count * tileWidth, by: 16) {
      var sum = Lanes.zero
      for position in 0..<positions {
        sum += load(input.tile(position: position, block: task, sampleCount: count) + offset)
      }
      store(sum * factor, out + offset)
    }
  }
}

/// Spreads the features' gradient over the last map's pixels, through ReLU, with the sums that the
/// last block's BatchNorm needs.
struct AverageBackward: TileWork {
  /// One pixel.
  let gradient: FeatureMap
  let out: FeatureMap
  /// The last block's output.
  let output: FeatureMap
  let input: NormInput
  let shortcut: NormInput?
  let plan: BatchPlan
  let phase = StepPhase.pooling

  var taskCount: Int { out.blockCount * plan.blocks.count * out.size.positionCount }

  func run(task: Int, on worker: TileWorker) {
    let positions = out.size.positionCount
    let position = task % positions
    let sampleBlock = task / positions % plan.blocks.count
    let block = task / positions / plan.blocks.count
    let samples = plan.blocks[sampleBlock]
    func tile(_ map: FeatureMap, _ position: Int) -> UnsafeMutablePointer<Float> {
      map.tile(
        position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
    }
    let factor = Lanes(repeating: 1 / Float(positions))
    let source = tile(gradient, 0)
    let target = tile(out, position)
    for offset in stride(from: 0, to: samples.rows * tileWidth, by: 16) {
      store(load(source + offset) * factor, target + offset)
    }
    let partial = input.norm.partial(tile: sampleBlock * positions + position, block: block)
    tileMaskAndSum(
      target, y: tile(output, position),
      input: NormalizedInput(
        x: tile(input.map, position), mean: input.norm.mean + block * tileWidth),
      rows: samples.rows, sum: input.norm.first + partial, product: input.norm.second + partial)
    if let shortcut {
      tileProduct(
        target,
        input: NormalizedInput(
          x: tile(shortcut.map, position), mean: shortcut.norm.mean + block * tileWidth),
        rows: samples.rows, product: shortcut.norm.second + partial)
    }
  }
}
