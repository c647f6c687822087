/// A map into the form that a direct product in bfloat16 takes: a chunk of an `OperandMap` is a block
/// of samples, and what would be a filter's product is a pixel. A task is a pixel and a block of
/// channels.
struct InputRounding: TileWork {
  /// The convolution's name.
  let layer: String
  let input: FeatureMap
  let out: OperandMap
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { input.size.positionCount * input.blockCount }

  func run(task: Int, on worker: TileWorker) {
    let (position, block) = task.quotientAndRemainder(dividingBy: input.blockCount)
    for (index, samples) in plan.blocks.enumerated() {
      let source = input.tile(
        position: position, block: block, sampleCount: plan.sampleCount, start: samples.start)
      worker.round(
        rows: samples.rows, to: [out], chunk: index, position: position, block: block, { _ in () },
        { offset, _ in load(source + offset) })
    }
  }
}

/// The same of a gradient g·a + x·b + c that BatchNorm passes on.
struct GradientRounding: TileWork {
  /// The convolution's name.
  let layer: String
  /// Of BatchNorm's output.
  let gradient: FeatureMap
  /// BatchNorm, and the convolution's output.
  let input: NormInput
  /// The forms that the gradients' products take.
  let out: [OperandMap]
  let plan: BatchPlan
  let phase = StepPhase.transforms

  var taskCount: Int { gradient.size.positionCount * gradient.blockCount }

  func run(task: Int, on worker: TileWorker) {
    let (position, block) = task.quotientAndRemainder(dividingBy: gradient.blockCount)
    let coefficients = input.norm.gradient(block: block)
    for (index, samples) in plan.blocks.enumerated() {
      func source(_ map: FeatureMap) -> UnsafePointer<Float> {
        UnsafePointer(
          map.tile(
            position: position, block: block, sampleCount: plan.sampleCount, start: samples.start))
      }
      let (g, x) = (source(gradient), source(input.map))
      worker.round(
        rows: samples.rows, to: out, chunk: index, position: position, block: block,
        { coefficients.lanes(at: $0) },
        { offset, channels in channels.apply(load(g + offset), load(x + offset)) })
    }
  }
}

extension TileWorker {
  /// Rounds the rows of a pixel and a block of channels, and lays them out as the maps' forms say.
  ///
  /// - Parameters:
  ///   - prepare: what `load` needs of 16 channels, by the first one.
  ///   - load: reads them at an offset from the first row.
  @inline(__always)
  fileprivate func round<Channels>(
    rows: Int, to maps: [OperandMap], chunk: Int, position: Int, block: Int,
    _ prepare: (_ channel: Int) -> Channels, _ load: (_ offset: Int, Channels) -> Lanes
  ) {
    func matrix(_ map: OperandMap) -> UnsafeMutableRawPointer {
      map.matrix(chunk: chunk, product: position, block: block)
    }
    let target =
      maps.first { $0.form == .rows }.map(matrix) ?? UnsafeMutableRawPointer(products)
    let rounded = target.assumingMemoryBound(to: BFloat16.self)
    for channel in stride(from: 0, to: tileWidth, by: Lanes.scalarCount) {
      let channels = prepare(channel)
      for row in 0..<rows {
        let offset = row &* tileWidth &+ channel
        BFloat16.store(load(offset, channels), rounded + offset)
      }
    }
    for map in maps where map.form != .rows {
      arrange(rounded, rows: rows, as: map.form, into: matrix(map))
    }
  }

  /// Lays rows of 64 out for a product over samples.
  func arrange(
    _ source: UnsafePointer<BFloat16>, rows: Int, as form: OperandMap.Form,
    into target: UnsafeMutableRawPointer
  ) {
    let filled = ChunkPlan.filled(rows: rows)
    let out = target.assumingMemoryBound(to: BFloat16.self)
    if form == .pairs {
      pairRows(source, rows: rows, filled: filled, into: out)
    } else {
      pairRows(source, rows: rows, filled: filled, into: pairs)
      columnsOfPairs(pairs, rows: filled, into: out)
    }
  }
}
