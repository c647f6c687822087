import Kernels

/// What happens to a tile of an input's gradient while it is still in cache.
enum InputGradientFinish {
  case none
  /// The input came out of ReLU alone: a pooled map.
  case mask(output: FeatureMap)
  /// The input came out of BatchNorm and ReLU: mask, and sums for BatchNorm's backward pass.
  case maskAndSum(output: FeatureMap, NormInput, shortcut: NormInput?)

  /// Finishes a tile of a gradient.
  ///
  /// - Parameter partial: the tile's number among those whose sums BatchNorm adds up.
  func run(on tile: UnsafeMutablePointer<Float>, at place: TilePlace, partial: Int) {
    var targets = SumTargets()
    if case .maskAndSum(_, let main, let shortcut) = self {
      targets.first = main.norm.first + main.norm.partial(tile: partial, block: place.block)
      targets.product = main.norm.second + main.norm.partial(tile: partial, block: place.block)
      targets.shortcutProduct = shortcut.map {
        $0.norm.second + $0.norm.partial(tile: partial, block: place.block)
      }
    }
    run(on: tile, at: place, targets)
  }

  /// Finishes the gradient of whole maps of some samples, at a block of channels, whose sums are
  /// one partial.
  ///
  /// - Parameters:
  ///   - first: the map's first tile of these samples.
  ///   - scratch: room for 9·64 floats.
  func run(
    onMap map: FeatureMap, at first: TilePlace, partial: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    if case .none = self { return }
    var targets = SumTargets()
    if case .maskAndSum(_, _, let shortcut) = self {
      targets.first = scratch
      targets.product = scratch + tileWidth
      targets.shortcutProduct = shortcut == nil ? nil : scratch + 2 * tileWidth
    }
    let sums = UnsafeMutableRawPointer(scratch + 3 * tileWidth).bindMemory(
      to: Double.self, capacity: 3 * tileWidth)
    for i in 0..<3 * tileWidth { sums[i] = 0 }
    for position in 0..<map.size.positionCount {
      let place = TilePlace(
        position: position, block: first.block, start: first.start, rows: first.rows,
        sampleCount: first.sampleCount)
      run(on: map.tile(at: place), at: place, targets)
      guard case .maskAndSum(_, _, let shortcut) = self else { continue }
      for i in 0..<(shortcut == nil ? 2 : 3) * tileWidth { sums[i] += Double(scratch[i]) }
    }
    guard case .maskAndSum(_, let main, let shortcut) = self else { return }
    let target = main.norm.partial(tile: partial, block: first.block)
    for i in 0..<tileWidth {
      main.norm.first[target + i] = Float(sums[i])
      main.norm.second[target + i] = Float(sums[tileWidth + i])
    }
    if let shortcut {
      let target = shortcut.norm.partial(tile: partial, block: first.block)
      for i in 0..<tileWidth {
        shortcut.norm.second[target + i] = Float(sums[2 * tileWidth + i])
      }
    }
  }

  /// Where the sums of a tile go: Σ g, Σ g·(x - mean), and the latter of the shortcut's BatchNorm.
  private struct SumTargets {
    var first: UnsafeMutablePointer<Float>?
    var product: UnsafeMutablePointer<Float>?
    var shortcutProduct: UnsafeMutablePointer<Float>?
  }

  private func run(
    on tile: UnsafeMutablePointer<Float>, at place: TilePlace, _ targets: SumTargets
  ) {
    func input(_ input: NormInput) -> NormalizedInput {
      NormalizedInput(
        x: input.map.tile(at: place), mean: input.norm.mean + place.block * tileWidth)
    }
    switch self {
    case .none: break
    case .mask(let output): tileMask(tile, y: output.tile(at: place), rows: place.rows)
    case .maskAndSum(let output, let main, let shortcut):
      guard let first = targets.first, let product = targets.product else { return }
      tileMaskAndSum(
        tile, y: output.tile(at: place), input: input(main), rows: place.rows, sum: first,
        product: product)
      if let shortcut, let product = targets.shortcutProduct {
        tileProduct(tile, input: input(shortcut), rows: place.rows, product: product)
      }
    }
  }
}

/// A BatchNorm, and the map that it normalizes.
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
    /// In bfloat16: the gradient rounded, in place of `gradient`, and the transposed weights.
    var rounded: (gradient: OperandMap, weights: OperandWeights)?
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

  func run(task: Int, on worker: TileWorker) {
    let positions = out.size.positionCount
    let position = task % positions
    let sampleBlock = task / positions % plan.blocks.count
    let block = task / positions / plan.blocks.count
    let samples = plan.blocks[sampleBlock]
    let tile = out.tile(
      position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
    var adding = accumulate
    for operands in [ProductShape.Operands.bfloat16, .float32] {
      for source in sources where (source.rounded == nil) == (operands == .float32) {
        for link in source.convolution.taps.ofInput[position] {
          append(source, link, inputBlock: block, sampleBlock: sampleBlock, on: worker)
        }
      }
      if worker.addresses.count == 0 { continue }
      let kernels = samples.kernels.products(operands)
      (adding ? kernels.productAdding : kernels.product).run(worker.addresses, out: tile)
      adding = true
    }
    finish.run(
      on: tile,
      at: TilePlace(
        position: position, block: block, start: samples.start, rows: samples.rows,
        sampleCount: plan.sampleCount),
      partial: sampleBlock * positions + position)
  }

  private func append(
    _ source: Source, _ link: WindowTaps.Link, inputBlock: Int, sampleBlock: Int,
    on worker: TileWorker
  ) {
    let convolution = source.convolution
    for outputBlock in 0..<convolution.outputBlocks {
      if let rounded = source.rounded {
        worker.addresses.append(
          left: rounded.gradient.matrix(
            chunk: sampleBlock, product: link.position, block: outputBlock),
          right: rounded.weights.matrix(
            at: convolution.transposedBankTile(
              product: convolution.bankProduct(tap: link.tap), outputBlock: outputBlock,
              inputBlock: inputBlock)))
        continue
      }
      worker.addresses.append(
        left: source.gradient.tile(
          position: link.position, block: outputBlock, sampleCount: plan.sampleCount,
          start: plan.blocks[sampleBlock].start),
        right: transposed
          + convolution.transposedTile(
            tap: link.tap, outputBlock: outputBlock, inputBlock: source.firstBlock &+ inputBlock))
    }
  }
}
