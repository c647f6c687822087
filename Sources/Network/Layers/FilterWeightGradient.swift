/// The first half of a minimal filter's weight gradient: for every product and pair of channel
/// blocks, Σ over chunks of (Bᵀ x B)ᵀ · (A dy Aᵀ), one 64×64 matrix.
struct FilterWeightProducts: TileWork {
  /// What went into the convolution and the gradient of what came out, both transformed.
  struct Use {
    let input: OperandMap
    let gradient: OperandMap
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
      let chunks = plan.chunkPlan(tiling).chunks
      for (index, chunk) in chunks.enumerated() {
        worker.addresses.append(
          left: use.input.matrix(chunk: index, product: product, block: inputBlock),
          right: use.gradient.matrix(chunk: index, product: product, block: outputBlock))
        let goesOn =
          index + 1 < chunks.count && chunks[index + 1].kernels === chunk.kernels
          && worker.addresses.count < chunk.kernels.gradientBatch
        if goesOn { continue }
        let kernel = adding ? chunk.kernels.gradientAdding : chunk.kernels.gradient
        kernel.run(worker.addresses, out: out + task * Convolution.tile)
        adding = true
      }
    }
  }
}

/// The second half: Gᵀ dU G, from the products to the nine taps. A task is some rows of the matrices
/// of a pair of channel blocks.
struct FilterWeightGradient: FilterWork {
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

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (pair, part) = task.quotientAndRemainder(dividingBy: FilterWeightGradient.parts)
    let size = Convolution.tile / FilterWeightGradient.parts
    let first = pair * Convolution.tile + part * size
    let source = products + first
    let target = out + (convolution.weight.offset + first)
    // Products and taps both lie as [product or tap][pair of blocks].
    let matrixStride = convolution.inputBlocks * convolution.outputBlocks * Convolution.tile
    let (side, taps) = (Filter.WeightGradient.count, Filter.WeightGradient.resultCount)
    let between = worker.lanes
    for i in stride(from: 0, to: size, by: Lanes.scalarCount) {
      Filter.WeightGradient.runBoth(
        between: between,
        { load(source + (($0 &* side &+ $1) &* matrixStride &+ i)) },
        {
          let tap = target + (($0 &* taps &+ $1) &* matrixStride &+ i)
          store(accumulate ? load(tap) + $2 : $2, tap)
        })
    }
  }
}
