/// What happens to an output tile of a convolution while it is still in cache.
enum ForwardFinish {
  case none
  /// Training: the tile's moments for BatchNorm.
  case moments(BatchNorm)
  /// Evaluation: BatchNorm by running statistics.
  case affine(BatchNorm)
  case affineRelu(BatchNorm)
  /// Evaluation, end of a block.
  case affineAddRelu(BatchNorm, shortcut: FeatureMap)
  /// Evaluation, end of a mask: sigmoid, and the product with the map that it gates.
  case affineGate(BatchNorm, top: FeatureMap)
  /// A hidden linear layer; the bias has as many numbers as the output channels.
  case biasRelu(UnsafePointer<Float>)

  /// Finishes a tile in place. Moments are the caller's: they are of more than a tile.
  func run(on tile: UnsafeMutablePointer<Float>, at place: TilePlace) {
    switch self {
    case .none, .moments: break
    case .affine(let norm):
      tileAffine(tile, norm.affine(block: place.block), rows: place.rows, out: tile)
    case .affineRelu(let norm):
      tileAffineRelu(tile, norm.affine(block: place.block), rows: place.rows, out: tile)
    case .affineAddRelu(let norm, let shortcut):
      tileAffineAddRelu(
        tile, norm.affine(block: place.block), shortcut: shortcut.tile(at: place),
        rows: place.rows, out: tile)
    case .affineGate(let norm, let top):
      tileGate(tile, norm.affine(block: place.block), u: top.tile(at: place), rows: place.rows)
    case .biasRelu(let bias):
      tileBiasRelu(tile, bias: bias + place.block * tileWidth, rows: place.rows)
    }
  }
}

/// Where a tile lies in the maps of a batch.
struct TilePlace {
  let position: Int
  let block: Int
  let start: Int
  let rows: Int
  let sampleCount: Int
}

extension FeatureMap {
  func tile(at place: TilePlace) -> UnsafeMutablePointer<Float> {
    tile(
      position: place.position, block: place.block, sampleCount: place.sampleCount,
      start: place.start)
  }
}

/// The forward pass: for each pixel of the output, one batch-reduce GEMM over the taps that fall
/// inside the map.
///
///     out[y][x] (N×K) = Σ over valid (r, s)  in[y·stride+r-p][x·stride+s-p] (N×C) · W[r][s] (C×K)
struct ConvolutionForward: TileWork {
  let convolution: Convolution
  let input: FeatureMap
  /// A second input, whose channels follow the first one's.
  var joined: FeatureMap?
  let output: FeatureMap
  let parameters: UnsafePointer<Float>
  let plan: BatchPlan
  let finish: ForwardFinish
  var phase = StepPhase.convolutionForward
  /// In bfloat16: the rounded input and weights.
  var rounded: (input: OperandMap, weights: OperandWeights)?

  var taskCount: Int {
    convolution.outputBlocks * plan.blocks.count * convolution.taps.output.positionCount
  }

  /// Output blocks are outermost: consecutive tasks share weights.
  func run(task: Int, on worker: TileWorker) {
    let positions = convolution.taps.output.positionCount
    let position = task % positions
    let sampleBlock = task / positions % plan.blocks.count
    let outputBlock = task / positions / plan.blocks.count
    let samples = plan.blocks[sampleBlock]
    for link in convolution.taps.ofOutput[position] {
      for block in 0..<convolution.inputBlocks {
        if let rounded {
          worker.addresses.append(
            left: rounded.input.matrix(chunk: sampleBlock, product: link.position, block: block),
            right: rounded.weights.matrix(
              at: convolution.bankTile(
                product: convolution.bankProduct(tap: link.tap), outputBlock: outputBlock,
                inputBlock: block)))
          continue
        }
        worker.addresses.append(
          left: input.tile(
            position: link.position, block: block, joinedWith: joined,
            sampleCount: plan.sampleCount, start: samples.start),
          right: parameters
            + convolution.weightTile(tap: link.tap, outputBlock: outputBlock, inputBlock: block))
      }
    }
    let tile = output.tile(
      position: position, block: outputBlock, sampleCount: plan.sampleCount, start: samples.start)
    samples.kernels.products(rounded == nil ? .float32 : .bfloat16).product
      .run(worker.addresses, out: tile)

    if case .moments(let norm) = finish {
      let partial = norm.partial(tile: sampleBlock * positions + position, block: outputBlock)
      tileMoments(
        tile, rows: samples.rows, mean: norm.first + partial, squares: norm.second + partial)
      return
    }
    finish.run(
      on: tile,
      at: TilePlace(
        position: position, block: outputBlock, start: samples.start, rows: samples.rows,
        sampleCount: plan.sampleCount))
  }
}
