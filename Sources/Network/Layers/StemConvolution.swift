import Tensors

/// The first convolution, 7×7 of stride 2 from 3 to 64 channels, which reads the padded input of
/// `InputLayout`: a row of the kernel is 21 consecutive floats, so a pixel of the output is a sum of
/// seven rows·weights products of depth 21.
final class StemConvolution {
  static let side = 7
  static let stride = 2
  /// Floats of a kernel row: 7 pixels of 3 colors.
  static let depth = side * InputLayout.channelCount
  /// Floats of one kernel row's weights.
  static let rowWeights = depth * tileWidth

  let weight: ParameterEntry
  let size: MapSize
  let input: InputLayout
  /// Pieces of the weight gradient's sum over pixels; a constant, not the number of threads, so
  /// that the sum's order is fixed.
  let pieceCount: Int

  init(name: String, input: InputLayout, table: ParameterTable) {
    self.input = input
    weight = table.addStem(name, side: StemConvolution.side)
    size = MapSize(height: input.height, width: input.width).windowed(
      kernel: StemConvolution.side, stride: StemConvolution.stride, padding: InputLayout.padding)
    pieceCount = min(16, size.positionCount)
  }

  /// The first float that row `row` of the kernel meets at a pixel of the output.
  @inline(__always)
  func inputOffset(position: Int, row: Int, start: Int) -> Int {
    let y = position / size.width * StemConvolution.stride + row
    let x = position % size.width * StemConvolution.stride
    return (y * input.batchCapacity + start) * input.rowStride + x * InputLayout.channelCount
  }

  /// The same in `RoundedStem.columns`, in lines of samples.
  @inline(__always)
  func lineOffset(position: Int, row: Int) -> Int {
    let y = position / size.width * StemConvolution.stride + row
    let x = position % size.width * StemConvolution.stride
    return y * input.rowStride + x * InputLayout.channelCount
  }

  /// Multiply-adds of one sample's forward pass whose input is not padding.
  var multiplyAdds: Int {
    WindowTaps(
      input: MapSize(height: input.height, width: input.width), kernel: StemConvolution.side,
      stride: StemConvolution.stride, padding: InputLayout.padding
    ).linkCount * InputLayout.channelCount * tileWidth
  }
}

/// The first convolution's forward pass; `norm` gets the tiles' moments in training.
struct StemForward: TileWork {
  let stem: StemConvolution
  let images: UnsafePointer<Float>
  /// In bfloat16: what is read in place of the images and parameters.
  var rounded: RoundedStem?
  let output: FeatureMap
  let parameters: UnsafePointer<Float>
  let plan: BatchPlan
  let norm: BatchNorm?
  let phase = StepPhase.stem

  var taskCount: Int { plan.blocks.count * stem.size.positionCount }

  func run(task: Int, on worker: TileWorker) {
    let positions = stem.size.positionCount
    let position = task % positions
    let samples = plan.blocks[task / positions]
    for row in 0..<StemConvolution.side {
      let offset = stem.inputOffset(position: position, row: row, start: samples.start)
      if let rounded {
        worker.addresses.append(
          left: rounded.images + offset, right: rounded.weights + row * RoundedStem.rowWeights)
      } else {
        worker.addresses.append(
          left: images + offset,
          right: parameters + stem.weight.offset + row * StemConvolution.rowWeights)
      }
    }
    let tile = output.tile(
      position: position, block: 0, sampleCount: plan.sampleCount, start: samples.start)
    samples.kernels.stem.run(worker.addresses, out: tile)
    if let norm {
      let partial = norm.partial(tile: task, block: 0)
      tileMoments(
        tile, rows: samples.rows, mean: norm.first + partial, squares: norm.second + partial)
    }
  }
}

/// The end of the backward pass: the gradient of the first BatchNorm's input, tile by tile, and from
/// each tile at once its part of the weight gradient. Every task sums a piece of the pixels;
/// `StemGradientSum` adds the pieces.
struct StemGradient: TileWork {
  let stem: StemConvolution
  let images: UnsafePointer<Float>
  /// In bfloat16: what is read in place of the images.
  var rounded: RoundedStem?
  /// The convolution's output, and the gradient after BatchNorm, which becomes the one before it.
  let output: FeatureMap
  let gradient: FeatureMap
  let norm: BatchNorm
  /// [piece][7][21][64].
  let pieces: UnsafeMutablePointer<Float>
  let plan: BatchPlan
  let phase = StepPhase.stem

  var taskCount: Int { stem.pieceCount }

  func run(task: Int, on worker: TileWorker) {
    let positions = stem.size.positionCount
    let out = pieces + task * stem.weight.count
    var adding = false
    for position in positions * task / taskCount..<positions * (task + 1) / taskCount {
      for samples in plan.blocks {
        let tile = gradient.tile(
          position: position, block: 0, sampleCount: plan.sampleCount, start: samples.start)
        let x = output.tile(
          position: position, block: 0, sampleCount: plan.sampleCount, start: samples.start)
        let right: UnsafeRawPointer
        if rounded != nil {
          roundInputGradient(tile, x: x, rows: samples.rows, into: worker.pairs)
          right = UnsafeRawPointer(worker.pairs)
        } else {
          tileInputGradient(tile, x: x, norm.gradient(block: 0), rows: samples.rows, out: tile)
          right = UnsafeRawPointer(tile)
        }
        let kernel = adding ? samples.kernels.stemGradientAdding : samples.kernels.stemGradient
        for row in 0..<StemConvolution.side {
          let left: UnsafeRawPointer
          if let rounded {
            left = UnsafeRawPointer(
              rounded.columns
                + (stem.lineOffset(position: position, row: row) * rounded.filledBatch
                  + samples.start))
          } else {
            left = UnsafeRawPointer(
              images + stem.inputOffset(position: position, row: row, start: samples.start))
          }
          worker.addresses.append(left: left, right: right)
          kernel.run(worker.addresses, out: out + row * StemConvolution.rowWeights)
        }
        adding = true
      }
    }
  }
}

extension StemGradient {
  /// `tileInputGradient`, in pairs of samples.
  private func roundInputGradient(
    _ g: UnsafePointer<Float>, x: UnsafePointer<Float>, rows: Int,
    into out: UnsafeMutablePointer<BFloat16>
  ) {
    let coefficients = norm.gradient(block: 0)
    pairRows(rows: rows, filled: ChunkPlan.filled(rows: rows), into: out) { row, channel in
      let offset = row &* tileWidth &+ channel
      return coefficients.lanes(at: channel).apply(load(g + offset), load(x + offset))
    }
  }
}

/// Adds the pieces of the first convolution's weight gradient, in their order.
struct StemGradientSum: TileWork {
  let stem: StemConvolution
  let pieces: UnsafePointer<Float>
  let out: UnsafeMutablePointer<Float>
  let accumulate: Bool
  let phase = StepPhase.stem

  /// Floats of a task: a third of a kernel row's weights.
  private static let size = StemConvolution.rowWeights / InputLayout.channelCount

  var taskCount: Int { stem.weight.count / StemGradientSum.size }

  func run(task: Int, on worker: TileWorker) {
    let start = task * StemGradientSum.size
    let target = out + stem.weight.offset
    for i in stride(from: start, to: start + StemGradientSum.size, by: 16) {
      var sum = accumulate ? load(target + i) : Lanes.zero
      for piece in 0..<stem.pieceCount { sum += load(pieces + piece * stem.weight.count + i) }
      store(sum, target + i)
    }
  }
}
