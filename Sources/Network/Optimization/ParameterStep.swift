/// An optimizer's step of one parameter. A task is a piece of at most four 64×64 matrices.
struct ParameterStep: TileWork {
  let optimizer: Optimizer
  let entry: ParameterEntry
  let update: ParameterUpdate
  /// The arena of transposed weights, where it is kept current.
  let transposed: UnsafeMutablePointer<Float>?
  let phase = StepPhase.optimizer

  private let pieces: [Range<Int>]

  init(
    optimizer: Optimizer, entry: ParameterEntry, update: ParameterUpdate,
    transposed: UnsafeMutablePointer<Float>?
  ) {
    self.optimizer = optimizer
    self.entry = entry
    self.update = update
    self.transposed = transposed
    pieces = GradientArena.pieces(entry.liveRanges, ofAtMost: 4 * Convolution.tile)
  }

  var taskCount: Int { pieces.count }

  func run(task: Int, on worker: TileWorker) {
    let range = pieces[task]
    // A matrix at a time: it is transposed while it is in cache.
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Convolution.tile) {
      let part = start..<min(start + Convolution.tile, range.upperBound)
      optimizer.apply(update, to: part)
      if let transposed {
        entry.transpose(optimizer.model.parameters.pointer, part, into: transposed)
      }
    }
  }

  var label: WorkLabel {
    WorkLabel(
      layer: entry.name.split(separator: ".").dropLast().joined(separator: "."), pass: .optimizer)
  }

  var cost: WorkCost {
    let bytes = pieces.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    let moments = optimizer.moments.count
    let isTransposed = transposed != nil && entry.isTransposed
    return WorkCost(
      bytesRead: (2 + moments) * bytes, bytesWritten: (1 + moments + (isTransposed ? 1 : 0)) * bytes
    )
  }
}
