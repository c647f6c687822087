/// The first half of a minimal filter's weight gradient: for every product and pair of channel
/// blocks, Σ over chunks of (Bᵀ x B)ᵀ · (A dy Aᵀ), one 64×64 matrix.
struct FilterWeightProducts: TileWork {
  /// What went into the convolution and the gradient of what came out, both transformed.
  struct Use {
    let input: FilterMap
    let gradient: FilterMap
  }

  let convolution: Convolution
  let tiling: FilterTiling
  /// One, or several whose gradients add up.
  let uses: [Use]
  /// Room for all products, laid out as the filter's weights.
  let out: UnsafeMutablePointer<Float>
  let plan: BatchPlan
  let phase = StepPhase.weightGradient

  var taskCount: Int {
    tiling.productCount * convolution.inputBlocks * convolution.outputBlocks
  }

  func run(task: Int, on worker: TileWorker) {
    let inputBlock = task % convolution.inputBlocks
    let outputBlock = task / convolution.inputBlocks % convolution.outputBlocks
    let product = task / convolution.inputBlocks / convolution.outputBlocks
    var adding = false
    for use in uses {
      for (index, chunk) in plan.chunkPlan(tiling).chunks.enumerated() {
        worker.addresses.append(
          left: use.input.matrix(chunk: index, product: product, block: inputBlock),
          right: use.gradient.matrix(chunk: index, product: product, block: outputBlock))
        let kernel = adding ? chunk.kernels.gradientAdding : chunk.kernels.gradient
        kernel.run(worker.addresses, out: out + task * Convolution.tile)
        adding = true
      }
    }
  }
}

/// The second half: Gᵀ dU G, from the products to the nine taps. A task is some rows of the matrices
/// of a pair of channel blocks.
struct FilterWeightGradient: TileWork {
  let convolution: Convolution
  let tiling: FilterTiling
  let products: UnsafePointer<Float>
  /// The arena of gradients.
  let out: UnsafeMutablePointer<Float>
  let accumulate: Bool
  let phase = StepPhase.weightGradient

  private static let parts = 4

  var taskCount: Int {
    convolution.inputBlocks * convolution.outputBlocks * FilterWeightGradient.parts
  }

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
    let parts = FilterWeightGradient.parts
    let pair = task / parts
    let pairs = convolution.inputBlocks &* convolution.outputBlocks
    let source = products + pair &* Convolution.tile
    let target = out + (convolution.weight.offset &+ pair &* Convolution.tile)
    // Products and taps both lie as [product or tap][pair of blocks].
    let stride = pairs &* Convolution.tile
    let side = Filter.WeightGradient.count
    let first = task % parts * Convolution.tile / parts
    let between = worker.lanes
    for i in Swift.stride(
      from: first, to: first + Convolution.tile / parts, by: Lanes.scalarCount)
    {
      Filter.WeightGradient.runBoth(
        between: between,
        { load(source + (($0 &* side &+ $1) &* stride &+ i)) },
        {
          let tap = target + (($0 &* 3 &+ $1) &* stride &+ i)
          store(accumulate ? load(tap) + $2 : $2, tap)
        })
    }
  }
}
