/// A mask's end: BatchNorm, sigmoid, and the product with the stage's map, in one pass after the
/// statistics are known.
struct GateForward: TileWork {
  let module: AttentionModule
  /// What the stage's last block made.
  let top: FeatureMap
  let plan: BatchPlan
  let phase = StepPhase.normalization

  /// A task is a tile.
  var taskCount: Int { plan.tileCount(top) }

  func run(task: Int, on worker: TileWorker) {
    let place = plan.place(task, in: top)
    tileGate(
      module.x2.tile(at: place), module.norm2.affine(block: place.block), u: top.tile(at: place),
      rows: place.rows, mask: module.mask.tile(at: place), out: module.attended.tile(at: place))
  }
}

/// The gates of a stage backward: for every task the gradient before the sigmoid with the sums that
/// its BatchNorm needs, and the gradient of the map that all of them gate, summed over the tasks.
struct GateBackward: TileWork {
  /// A task's gate, and the gradients around it.
  struct Gate {
    let module: AttentionModule
    /// Of the gate's output; one pixel where the output went into the global average.
    let gradient: FeatureMap
    /// Of BatchNorm's output.
    let out: FeatureMap
  }

  let gates: [Gate]
  let top: FeatureMap
  /// The gradient of `top`.
  let out: FeatureMap
  let finish: InputGradientFinish
  let plan: BatchPlan
  let phase = StepPhase.normalization

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
    let shared = tile(out, position)
    for (index, gate) in gates.enumerated() {
      // The mean over the map's pixels spreads its gradient evenly.
      let isAveraged = gate.gradient.size != out.size
      let norm = gate.module.norm2
      let partial = norm.partial(tile: sampleBlock * positions + position, block: block)
      tileGateBackward(
        GateTile(
          gradient: tile(gate.gradient, isAveraged ? 0 : position),
          factor: isAveraged ? 1 / Float(positions) : 1, mask: tile(gate.module.mask, position),
          u: tile(top, position),
          input: NormalizedInput(
            x: tile(gate.module.x2, position), mean: norm.mean + block * tileWidth)),
        rows: samples.rows, out: tile(gate.out, position), shared: shared, adding: index > 0,
        sum: norm.first + partial, product: norm.second + partial)
    }
    finish.run(
      on: shared,
      at: TilePlace(
        position: position, block: block, start: samples.start, rows: samples.rows,
        sampleCount: plan.sampleCount),
      partial: sampleBlock * positions + position)
  }
}
