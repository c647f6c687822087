/// The pass after batch statistics are known: normalize, add the shortcut, ReLU.
struct NormalizeForward: TileWork {
  enum Shortcut {
    case none
    case identity(FeatureMap)
    case projected(NormInput)
  }

  let input: NormInput
  let shortcut: Shortcut
  let output: FeatureMap
  let plan: BatchPlan
  let phase = StepPhase.normalization

  /// A task is a tile, in the order in which tiles lie: the last maps have one pixel.
  var taskCount: Int { plan.tileCount(output) }

  func run(task: Int, on worker: TileWorker) {
    let place = plan.place(task, in: output)
    let (x, out) = (input.map.tile(at: place), output.tile(at: place))
    let affine = input.norm.affine(block: place.block)
    switch shortcut {
    case .none: tileAffineRelu(x, affine, rows: place.rows, out: out)
    case .identity(let map):
      tileAffineAddRelu(x, affine, shortcut: map.tile(at: place), rows: place.rows, out: out)
    case .projected(let projection):
      tileAffineAddAffineRelu(
        x, affine, shortcut: projection.map.tile(at: place),
        projection.norm.affine(block: place.block), rows: place.rows, out: out)
    }
  }
}

/// The pass after a BatchNorm's sums are known: the gradient of its input, g·a + x·b + c.
struct NormalizeBackward: TileWork {
  let gradient: FeatureMap
  let input: NormInput
  /// May be `gradient`.
  let out: FeatureMap
  let plan: BatchPlan
  let phase = StepPhase.normalization

  var taskCount: Int { plan.tileCount(out) }

  func run(task: Int, on worker: TileWorker) {
    let place = plan.place(task, in: out)
    tileInputGradient(
      gradient.tile(at: place), x: input.map.tile(at: place),
      input.norm.gradient(block: place.block), rows: place.rows, out: out.tile(at: place))
  }
}

extension BatchPlan {
  /// Tiles of a map: at every pixel the blocks of channels, and of each the blocks of samples.
  func tileCount(_ map: FeatureMap) -> Int {
    map.size.positionCount * map.blockCount * blocks.count
  }

  /// Where a tile is, by its number in the order in which they lie.
  func place(_ tile: Int, in map: FeatureMap) -> TilePlace {
    let (row, sampleBlock) = tile.quotientAndRemainder(dividingBy: blocks.count)
    let (position, block) = row.quotientAndRemainder(dividingBy: map.blockCount)
    let samples = blocks[sampleBlock]
    return TilePlace(
      position: position, block: block, start: samples.start, rows: samples.rows,
      sampleCount: sampleCount)
  }
}
