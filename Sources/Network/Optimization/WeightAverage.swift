import Tensors

/// An exponential moving average of a model's parameters (Polyak and Juditsky 1992; as used with
/// networks by Tarvainen and Valpola 2017), and of BatchNorm's running statistics.
///
/// ```swift
/// let average = try model.makeAverage()
/// average.update(decay: 0.999)                        // after each optimizer step
/// try model.withAverage(average) { try evaluate(model) }
/// ```
///
/// The model's own statistics are of the last few batches, and so of weights that differ from the
/// averaged ones. They are averaged with the same decay, as PyTorch's
/// `AveragedModel(use_buffers=True)` and timm's `ModelEmaV3` do: a few thousand numbers a step, and
/// no pass over the training images as with `update_bn`. The count of batches is the model's own.
///
/// Only what a gradient reaches is averaged; the rest never changes an output at the model's input
/// size and is the model's own. The average of a part that is frozen stays as it is.
package final class WeightAverage {
  /// In the arena's layout.
  fileprivate let values: AlignedBuffer
  /// Of every BatchNorm, in the order of `HydraNet.norms`.
  fileprivate let statistics: [RunningStatistics]
  private unowned let model: HydraNet

  init(_ model: HydraNet) throws {
    self.model = model
    values = try AlignedBuffer(count: model.table.floatCount)
    values.pointer.update(from: model.parameters.pointer, count: values.count)
    statistics = try model.norms.map { norm in
      let statistics = try RunningStatistics(channelCount: norm.channelCount)
      statistics.mean.update(from: norm.running.mean, count: norm.channelCount)
      statistics.variance.update(from: norm.running.variance, count: norm.channelCount)
      return statistics
    }
  }

  /// average = decay · average + (1 - decay) · model, for all that is not frozen.
  package func update(decay: Float) {
    let source = UnsafePointer(model.parameters.pointer)
    let target = values.pointer
    let live = model.table.entries.filter { !isFrozen($0) }.flatMap(\.liveRanges)
    let pieces = GradientArena.pieces(live)
    model.runner.forEach(count: pieces.count, phase: .optimizer) { piece, _ in
      Self.move(target, toward: source, pieces[piece], decay: decay)
    }
    for (norm, own) in zip(model.norms, statistics) where !isFrozen(norm.bias) {
      // SAFETY: channels come in multiples of 64.
      let channels = 0..<norm.channelCount
      Self.move(own.mean, toward: norm.running.mean, channels, decay: decay)
      Self.move(own.variance, toward: norm.running.variance, channels, decay: decay)
    }
  }

  /// - Parameter range: begins at a multiple of 16, and is followed by padding up to the next.
  private static func move(
    _ target: UnsafeMutablePointer<Float>, toward source: UnsafePointer<Float>, _ range: Range<Int>,
    decay: Float
  ) {
    let share = Lanes(repeating: 1 - decay)
    // SAFETY: arenas are padded to multiples of 16 per parameter.
    for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
      let old = load(target + i)
      store(old.addingProduct(load(source + i) - old, share), target + i)
    }
  }

  private func isFrozen(_ entry: ParameterEntry) -> Bool {
    model.isFrozen(ParameterPart(name: entry.name))
  }

  /// The averaged parameters and running statistics under the model's names, in PyTorch's layouts.
  package func exportTensors() -> [StateTensor] {
    model.export(model.table.entries, from: values.pointer)
      + zip(model.norms, statistics).flatMap { norm, own in
        norm.statisticNames.enumerated().map { index, name in
          let values = index == 0 ? own.mean : own.variance
          return StateTensor(
            name: name, shape: [own.channelCount],
            floats: [Float](UnsafeBufferPointer(start: values, count: own.channelCount)))
        }
      }
  }

  /// Takes over what `exportTensors` gave.
  ///
  /// - Throws: `ModelError` for a missing or unknown name, or another shape. Nothing changes then.
  package func importTensors(_ tensors: [StateTensor]) throws {
    let entries = model.table.entries
    let norms = model.norms
    let count = entries.count + 2 * norms.count
    guard tensors.count == count else {
      throw ModelError(
        "the averaged weights hold \(tensors.count) tensors, expected \(count): they are of another "
          + "network, or of a version that did not average BatchNorm's statistics; start a new run "
          + "from the run's weights")
    }
    let byName = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    func floats(_ name: String, _ shape: [Int]) throws -> [Float] {
      guard let tensor = byName[name], tensor.shape == shape, let floats = tensor.floats else {
        throw ModelError("the averaged weights lack \(name) as floats of shape \(shape)")
      }
      return floats
    }
    let parameters = try entries.map { ($0, try floats($0.name, $0.shape)) }
    let moments = try norms.map { norm in
      try norm.statisticNames.map { try floats($0, [norm.channelCount]) }
    }
    for (entry, floats) in parameters {
      floats.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        entry.format.arrange(base, count: entry.count, into: values.pointer + entry.offset)
      }
    }
    for (own, moments) in zip(statistics, moments) {
      own.mean.update(from: moments[0], count: own.channelCount)
      own.variance.update(from: moments[1], count: own.channelCount)
    }
  }
}

extension HydraNet {
  /// An average that begins with the parameters and statistics as they are.
  package func makeAverage() throws -> WeightAverage { try WeightAverage(self) }

  /// Runs `body` with the averaged parameters and statistics in place of the model's own.
  package func withAverage<Result>(
    _ average: WeightAverage, _ body: () throws -> Result
  ) rethrows -> Result {
    pendingUpdates?.applyPending()
    for range in table.entries.flatMap(\.idleRanges) {
      (average.values.pointer + range.lowerBound).update(
        from: parameters.pointer + range.lowerBound, count: range.count)
    }
    exchange(average)
    defer { exchange(average) }
    return try body()
  }

  private func exchange(_ average: WeightAverage) {
    let count = parameters.count
    let chunk = 1 << 18
    let own = parameters.pointer
    let other = average.values.pointer
    pool.forEach(count: (count + chunk - 1) / chunk) { part, _ in
      // SAFETY: both arenas hold `count` floats, a multiple of 16.
      swapFloats(own, other, part * chunk..<min((part + 1) * chunk, count))
    }
    for (norm, averaged) in zip(norms, average.statistics) {
      // SAFETY: channels come in multiples of 64.
      swapFloats(norm.running.mean, averaged.mean, 0..<norm.channelCount)
      swapFloats(norm.running.variance, averaged.variance, 0..<norm.channelCount)
    }
    parametersChanged()
  }
}

/// - Parameter range: its bounds are multiples of 16.
private func swapFloats(
  _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ range: Range<Int>
) {
  for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
    let mine = load(first + i)
    store(load(second + i), first + i)
    store(mine, second + i)
  }
}
