import Tensors

/// A convolution's part of a `FilterBank`.
struct ConvolutionFilter {
  let tiling: FilterTiling
  /// Its first float in both arenas.
  let offset: Int
}

/// The transformed weights G w Gᵀ of all convolutions that run as minimal filters, as 64×64
/// matrices: [product][K/64][C/64][64 c][64 k], and for input gradients [product][C/64][K/64][64 k]
/// [64 c]. They follow the parameters, from which they are made anew after every update.
final class FilterBank {
  let weights: AlignedBuffer
  let transposed: AlignedBuffer
  private let convolutions: [Convolution]
  private(set) var weightsAreCurrent = false
  private var transposedAreCurrent = false

  init(convolutions: [Convolution], floatCount: Int) throws {
    self.convolutions = convolutions.filter { $0.filter != nil }
    weights = try AlignedBuffer(count: floatCount)
    transposed = try AlignedBuffer(count: floatCount)
  }

  /// To be called when parameters have changed.
  func invalidate() {
    weightsAreCurrent = false
    transposedAreCurrent = false
  }

  /// Makes what is not current.
  ///
  /// - Parameter transposing: also the arena for input gradients.
  func refresh(from parameters: UnsafePointer<Float>, transposing: Bool, runner: RegionRunner) {
    let needsTransposed = transposing && !transposedAreCurrent
    if weightsAreCurrent && !needsTransposed { return }
    let makesWeights = !weightsAreCurrent
    runner.run(
      convolutions.compactMap { convolution in
        convolution.filter.map {
          FilterTransform(
            convolution: convolution, tiling: $0.tiling, parameters: parameters,
            weights: makesWeights ? weights.pointer : nil,
            transposed: needsTransposed ? transposed.pointer : nil)
        }
      })
    weightsAreCurrent = true
    transposedAreCurrent = transposedAreCurrent || transposing
  }
}

/// Transforms a convolution's weights, G w Gᵀ. A task is a pair of channel blocks.
struct FilterTransform: FilterWork {
  let convolution: Convolution
  let tiling: FilterTiling
  let parameters: UnsafePointer<Float>
  let weights: UnsafeMutablePointer<Float>?
  let transposed: UnsafeMutablePointer<Float>?
  let phase = StepPhase.packing

  var taskCount: Int { convolution.inputBlocks * convolution.outputBlocks }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker) {
    let (outputBlock, inputBlock) = task.quotientAndRemainder(dividingBy: convolution.inputBlocks)
    func source(_ tap: Int) -> UnsafePointer<Float> {
      parameters
        + convolution.weightTile(tap: tap, outputBlock: outputBlock, inputBlock: inputBlock)
    }
    if let weights {
      transform(
        Filter.Weight.self, from: source(0), stride: source(1) - source(0),
        to: weights
          + convolution.filterTile(product: 0, outputBlock: outputBlock, inputBlock: inputBlock),
        between: worker.lanes)
    }
    if let transposed {
      // The products' memory is free now, and has room for nine matrices.
      for tap in 0..<9 {
        transposeTile(source(tap), into: worker.products + tap * Convolution.tile)
      }
      transform(
        Filter.Weight.self, from: worker.products, stride: Convolution.tile,
        to: transposed
          + convolution.transposedFilterTile(
            product: 0, outputBlock: outputBlock, inputBlock: inputBlock),
        between: worker.lanes)
    }
  }

  @inline(__always)
  private func transform<Step: FilterStep>(
    _: Step.Type, from source: UnsafePointer<Float>, stride sourceStride: Int,
    to target: UnsafeMutablePointer<Float>, between: UnsafeMutablePointer<Lanes>
  ) {
    let targetStride = taskCount &* Convolution.tile
    for i in stride(from: 0, to: Convolution.tile, by: Lanes.scalarCount) {
      Step.runBoth(
        between: between,
        { load(source + (($0 &* Step.count &+ $1) &* sourceStride &+ i)) },
        { store($2, target + (($0 &* Step.resultCount &+ $1) &* targetStride &+ i)) })
    }
  }
}
