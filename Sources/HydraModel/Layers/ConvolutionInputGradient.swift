import BatchGEMM

/// What happens to a tile of an input's gradient while it is still in cache.
enum InputGradientFinish {
  case none
  /// The input came out of ReLU alone: a pooled map.
  case mask(output: FeatureMap)
  /// The input came out of BatchNorm and ReLU: mask, and sums for BatchNorm's backward pass.
  case maskAndSum(output: FeatureMap, NormInput, shortcut: NormInput?)

  /// Finishes a tile of a gradient, which lies at a pixel, block of samples and block of channels.
  func run(
    on tile: UnsafeMutablePointer<Float>, position: Int, sampleBlock: Int, block: Int,
    plan: BatchPlan
  ) {
    let samples = plan.blocks[sampleBlock]
    func matching(_ map: FeatureMap) -> UnsafeMutablePointer<Float> {
      map.tile(
        position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
    }
    switch self {
    case .none: break
    case .mask(let output): tileMask(tile, y: matching(output), rows: samples.rows)
    case .maskAndSum(let output, let main, let shortcut):
      let partial = main.norm.partial(
        tile: sampleBlock * output.size.positionCount + position, block: block)
      tileMaskAndSum(
        tile, y: matching(output),
        input: NormalisedInput(
          x: matching(main.map), mean: main.norm.mean + block * tileWidth),
        rows: samples.rows, sum: main.norm.first + partial, product: main.norm.second + partial)
      if let shortcut {
        tileProduct(
          tile,
          input: NormalisedInput(
            x: matching(shortcut.map), mean: shortcut.norm.mean + block * tileWidth),
          rows: samples.rows, product: shortcut.norm.second + partial)
      }
    }
  }
}

/// A BatchNorm, and the map that it normalises.
struct NormInput {
  let norm: BatchNorm
  let map: FeatureMap
}

/// The gradient of an input that feeds one or several convolutions: for each of its pixels, one
/// batch-reduce GEMM over the output pixels it reaches, with transposed weights.
struct ConvolutionInputGradient: TileWork {
  /// A convolution that reads the input, and the gradient of its output.
  struct Source {
    let convolution: Convolution
    let gradient: FeatureMap
    /// The convolution's first block of input channels that is this input's: other than 0 where
    /// another map's channels come first.
    var firstBlock = 0
  }

  let sources: [Source]
  let out: FeatureMap
  /// Adds to what `out` holds: the gradient that came through the block's shortcut, or from gates.
  let accumulate: Bool
  /// Weights with every 64×64 matrix transposed, at the offsets of `transposedTile`.
  let transposed: UnsafePointer<Float>
  let plan: BatchPlan
  let finish: InputGradientFinish
  var phase = StepPhase.inputGradient

  var taskCount: Int { out.blockCount * plan.blocks.count * out.size.positionCount }

  func run(task: Int, addresses: AddressList) {
    let positions = out.size.positionCount
    let position = task % positions
    let sampleBlock = task / positions % plan.blocks.count
    let block = task / positions / plan.blocks.count
    let samples = plan.blocks[sampleBlock]
    for source in sources {
      let convolution = source.convolution
      for link in convolution.taps.ofInput[position] {
        for outputBlock in 0..<convolution.outputBlocks {
          addresses.append(
            left: source.gradient.tile(
              position: link.position, block: outputBlock, sampleCount: plan.sampleCount,
              start: samples.start),
            right: transposed
              + convolution.transposedTile(
                tap: link.tap, outputBlock: outputBlock,
                inputBlock: source.firstBlock &+ block))
        }
      }
    }
    let tile = out.tile(
      position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
    if accumulate {
      samples.kernels.productAdding.run(addresses, out: tile)
    } else {
      samples.kernels.product.run(addresses, out: tile)
    }
    finish.run(on: tile, position: position, sampleBlock: sampleBlock, block: block, plan: plan)
  }
}
