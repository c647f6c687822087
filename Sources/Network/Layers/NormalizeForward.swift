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

  /// A task is a pixel: all its channels and samples lie together.
  var taskCount: Int { output.size.positionCount }

  func run(task: Int, on worker: TileWorker) {
    let count = plan.sampleCount
    for block in 0..<output.blockCount {
      let x = input.map.tile(position: task, block: block, sampleCount: count)
      let out = output.tile(position: task, block: block, sampleCount: count)
      let affine = input.norm.affine(block: block)
      switch shortcut {
      case .none: tileAffineRelu(x, affine, rows: count, out: out)
      case .identity(let map):
        tileAffineAddRelu(
          x, affine, shortcut: map.tile(position: task, block: block, sampleCount: count),
          rows: count, out: out)
      case .projected(let projection):
        tileAffineAddAffineRelu(
          x, affine,
          shortcut: projection.map.tile(position: task, block: block, sampleCount: count),
          projection.norm.affine(block: block), rows: count, out: out)
      }
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

  var taskCount: Int { out.size.positionCount * out.blockCount }

  func run(task: Int, on worker: TileWorker) {
    let position = task / out.blockCount
    let block = task % out.blockCount
    let count = plan.sampleCount
    tileInputGradient(
      gradient.tile(position: position, block: block, sampleCount: count),
      x: input.map.tile(position: position, block: block, sampleCount: count),
      input.norm.gradient(block: block), rows: count,
      out: out.tile(position: position, block: block, sampleCount: count))
  }
}
