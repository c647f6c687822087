import Kernels
import Tensors

/// What the first convolution reads in bfloat16: the images as they lie in `InputLayout`, the same
/// with the samples innermost, [height + 6][rowStride][filled batch], for the weight gradient, and
/// its weights, whose kernel rows of 21 are filled up with zeros to a depth of 32.
final class RoundedStem {
  let input: InputLayout
  /// Samples of a line of `columns`.
  let filledBatch: Int
  let images: UnsafeMutablePointer<BFloat16>
  let columns: UnsafeMutablePointer<BFloat16>
  /// [7][16][64][2].
  let weights: UnsafeMutablePointer<BFloat16>
  /// Floats of an image's row, filled up to whole lanes.
  let filledRow: Int

  private let memory: AlignedBuffer

  static let depth = ProductShape.bfloat16Depth
  /// Elements of one kernel row's weights.
  static let rowWeights = depth * tileWidth

  init(input: InputLayout) throws {
    self.input = input
    filledBatch = ChunkPlan.filled(rows: input.batchCapacity)
    filledRow = (input.rowStride + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
    let rows = input.height + 2 * InputLayout.padding
    // The last pixels' depth, and the last samples', reach beyond the end: to zeros.
    let imageCount = input.floatCount + RoundedStem.depth
    let columnCount = rows * input.rowStride * filledBatch + tileWidth
    let weightCount = StemConvolution.side * RoundedStem.rowWeights
    memory = try AlignedBuffer(count: (imageCount + columnCount + weightCount + 1) / 2 + 32)
    let first = UnsafeMutableRawPointer(memory.pointer).assumingMemoryBound(to: BFloat16.self)
    weights = first
    images = weights + weightCount
    columns = images + (imageCount + 31) / 32 * 32
  }

  /// Elements of scratch that a task of `StemRounding` needs.
  static func scratchCount(_ input: InputLayout) -> Int {
    depth * ((input.rowStride + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount)
  }
}

/// Rounds a batch's images and the first convolution's weights. A task is a row of some samples'
/// images; the last ones are the rows of the kernel.
struct StemRounding: TileWork {
  let stem: StemConvolution
  let rounded: RoundedStem
  let source: UnsafePointer<Float>
  let parameters: UnsafePointer<Float>
  let sampleCount: Int
  let phase = StepPhase.stem

  private var groupCount: Int { ChunkPlan.filled(rows: sampleCount) / RoundedStem.depth }
  private var imageTasks: Int {
    (rounded.input.height + 2 * InputLayout.padding) * groupCount
  }

  var taskCount: Int { imageTasks + StemConvolution.side }

  func run(task: Int, on worker: TileWorker) {
    if task >= imageTasks {
      roundWeights(row: task - imageTasks)
    } else {
      let (y, group) = task.quotientAndRemainder(dividingBy: groupCount)
      roundImages(y: y, firstSample: group * RoundedStem.depth, worker.pairs)
    }
  }

  private func roundWeights(row: Int) {
    let source = parameters + (stem.weight.offset + row * StemConvolution.rowWeights)
    pairRows(
      rows: StemConvolution.depth, filled: RoundedStem.depth,
      into: rounded.weights + row * RoundedStem.rowWeights
    ) { load(source + ($0 &* tileWidth &+ $1)) }
  }

  private func roundImages(
    y: Int, firstSample: Int, _ pairs: UnsafeMutablePointer<BFloat16>
  ) {
    let input = rounded.input
    let stride = input.rowStride
    let filledRow = rounded.filledRow
    func row(_ sample: Int) -> Int { (y &* input.batchCapacity &+ sample) &* stride }
    let samples = min(RoundedStem.depth, sampleCount - firstSample)
    for offset in Swift.stride(from: 0, to: stride, by: Lanes.scalarCount) {
      // The lanes of a row's end: none beyond it are read or written.
      let width = min(Lanes.scalarCount, stride &- offset)
      func lanes(_ sample: Int) -> Lanes {
        let from = source + (row(firstSample &+ sample) &+ offset)
        if width == Lanes.scalarCount { return load(from) }
        var lanes = Lanes.zero
        for lane in 0..<width { lanes[lane] = from[lane] }
        return lanes
      }
      for pair in 0..<RoundedStem.depth / 2 {
        let first = 2 &* pair < samples ? lanes(2 &* pair) : .zero
        let second = 2 &* pair &+ 1 < samples ? lanes(2 &* pair &+ 1) : .zero
        BFloat16.storePairs(first, second, pairs + (pair &* filledRow &+ offset) &* 2)
      }
    }
    // A sample's row again, from the halves of the pairs.
    for sample in 0..<samples {
      let from = pairs + (sample / 2 &* filledRow &* 2 &+ sample % 2)
      let to = rounded.images + row(firstSample &+ sample)
      for i in 0..<stride { to[i] = from[2 &* i] }
    }
    transpose(
      UnsafeRawPointer(pairs).assumingMemoryBound(to: Float.self),
      rows: RoundedStem.depth / 2, columns: stride, sourceStride: filledRow,
      into: UnsafeMutableRawPointer(
        rounded.columns + (y &* stride &* rounded.filledBatch &+ firstSample)
      ).assumingMemoryBound(to: Float.self), outStride: rounded.filledBatch / 2)
  }
}
