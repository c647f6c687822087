import Kernels
import Tensors

/// An arena of weights as operands of products.
struct OperandWeights {
  let pointer: UnsafeMutableRawPointer
  let operands: ProductShape.Operands

  /// The 64×64 matrix that begins at an element.
  @inline(__always)
  func matrix(at offset: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(pointer) + offset &* (operands == .float32 ? 4 : 2)
  }
}

/// Weights in the form that products read: of a convolution that runs as a minimal filter the
/// transformed ones, G w Gᵀ; of a direct one, in bfloat16 alone, the rounded ones. As 64×64 matrices
/// [product or tap][K/64][C/64][64 c][64 k], and for input gradients [product or tap][C/64][K/64]
/// [64 k][64 c]; in bfloat16 with pairs of rows together, as `ProductShape` says. They follow the
/// parameters, from which they are made anew after every update.
final class OperandBank {
  let weights: OperandWeights
  let transposed: OperandWeights
  private let memory: [AlignedBuffer]
  private let convolutions: [Convolution]
  private(set) var weightsAreCurrent = false
  private var transposedAreCurrent = false

  /// - Parameter elementCount: of an arena.
  init(convolutions: [Convolution], elementCount: Int, operands: ProductShape.Operands) throws {
    self.convolutions = convolutions.filter {
      $0.tiling != nil || operands == .bfloat16 && $0.bankOffset != nil
    }
    let floatCount = operands == .float32 ? elementCount : (elementCount + 1) / 2
    memory = try (0..<2).map { _ in try AlignedBuffer(count: floatCount) }
    weights = OperandWeights(pointer: memory[0].pointer, operands: operands)
    transposed = OperandWeights(pointer: memory[1].pointer, operands: operands)
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
      convolutions.map { convolution in
        let weights = makesWeights ? weights : nil
        let transposed = needsTransposed ? transposed : nil
        guard let tiling = convolution.tiling else {
          return WeightRounding(
            convolution: convolution, parameters: parameters, weights: weights,
            transposed: transposed)
        }
        return FilterTransform(
          convolution: convolution, tiling: tiling, parameters: parameters, weights: weights,
          transposed: transposed)
      })
    weightsAreCurrent = true
    transposedAreCurrent = transposedAreCurrent || transposing
  }
}

/// Rounds a direct convolution's weights. A task is a tap and a pair of channel blocks.
struct WeightRounding: TileWork {
  let convolution: Convolution
  let parameters: UnsafePointer<Float>
  let weights: OperandWeights?
  let transposed: OperandWeights?
  let phase = StepPhase.packing

  private let liveTaps: [Int]

  init(
    convolution: Convolution, parameters: UnsafePointer<Float>, weights: OperandWeights?,
    transposed: OperandWeights?
  ) {
    self.convolution = convolution
    self.parameters = parameters
    self.weights = weights
    self.transposed = transposed
    liveTaps = convolution.taps.liveTaps
  }

  var taskCount: Int { liveTaps.count * convolution.inputBlocks * convolution.outputBlocks }

  func run(task: Int, on worker: TileWorker) {
    let (pair, product) = task.quotientAndRemainder(dividingBy: liveTaps.count)
    let (outputBlock, inputBlock) = pair.quotientAndRemainder(dividingBy: convolution.inputBlocks)
    let source =
      parameters
      + convolution.weightTile(
        tap: liveTaps[product], outputBlock: outputBlock, inputBlock: inputBlock)
    if let weights {
      let offset = convolution.bankTile(
        product: product, outputBlock: outputBlock, inputBlock: inputBlock)
      round(source, to: weights.pointer.assumingMemoryBound(to: BFloat16.self) + offset)
    }
    if let transposed {
      transposeTile(source, into: worker.products)
      let offset = convolution.transposedBankTile(
        product: product, outputBlock: outputBlock, inputBlock: inputBlock)
      round(
        worker.products,
        to: transposed.pointer.assumingMemoryBound(to: BFloat16.self) + offset)
    }
  }

  private func round(_ source: UnsafePointer<Float>, to out: UnsafeMutablePointer<BFloat16>) {
    pairRows(rows: tileWidth, filled: tileWidth, into: out) { row, channel in
      load(source + (row &* tileWidth &+ channel))
    }
  }
}

/// Transforms a convolution's weights, G w Gᵀ. A task is a pair of channel blocks.
struct FilterTransform: FilterWork {
  let convolution: Convolution
  let tiling: FilterTiling
  let parameters: UnsafePointer<Float>
  let weights: OperandWeights?
  let transposed: OperandWeights?
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
        Filter.Weight.self, from: source(0), stride: source(1) - source(0), to: weights,
        at: convolution.bankTile(product: 0, outputBlock: outputBlock, inputBlock: inputBlock),
        on: worker)
    }
    if let transposed {
      // The products' memory is free now, and has room for nine matrices.
      for tap in 0..<9 {
        transposeTile(source(tap), into: worker.products + tap * Convolution.tile)
      }
      transform(
        Filter.Weight.self, from: worker.products, stride: Convolution.tile, to: transposed,
        at: convolution.transposedBankTile(
          product: 0, outputBlock: outputBlock, inputBlock: inputBlock),
        on: worker)
    }
  }

  @inline(__always)
  private func transform<Step: FilterStep>(
    _: Step.Type, from source: UnsafePointer<Float>, stride sourceStride: Int,
    to target: OperandWeights, at offset: Int, on worker: TileWorker
  ) {
    let between = worker.lanes
    let targetStride = taskCount &* Convolution.tile
    @inline(__always)
    func run(_ i: Int, _ store: (_ product: Int, Lanes) -> Void) {
      Step.runBoth(
        between: between,
        { load(source + (($0 &* Step.count &+ $1) &* sourceStride &+ i)) },
        { store($0 &* Step.resultCount &+ $1, $2) })
    }
    switch target.operands {
    case .float32:
      let out = target.pointer.assumingMemoryBound(to: Float.self) + offset
      for i in stride(from: 0, to: Convolution.tile, by: Lanes.scalarCount) {
        run(i) { Network.store($1, out + ($0 &* targetStride &+ i)) }
      }
    case .bfloat16:
      let out = target.pointer.assumingMemoryBound(to: BFloat16.self) + offset
      let held = worker.heldLanes
      for row in stride(from: 0, to: Convolution.tile, by: 2 * tileWidth) {
        for column in stride(from: 0, to: tileWidth, by: Lanes.scalarCount) {
          run(row &+ column) { held[$0] = $1 }
          run(row &+ tileWidth &+ column) {
            BFloat16.storePairs(
              held[$0], $1, out + ($0 &* targetStride &+ row &+ 2 &* column))
          }
        }
      }
    }
  }
}
