import Tensors

/// An exponential moving average of a model's parameters (Polyak and Juditsky 1992; as used with
/// networks by Tarvainen and Valpola 2017).
///
/// ```swift
/// let average = try model.makeAverage()
/// average.update(decay: 0.999)                        // after each optimizer step
/// try model.withAverage(average) { try evaluate(model) }
/// ```
///
/// Only what a gradient reaches is averaged; the rest never changes an output at the model's input
/// size and is the model's own. So are BatchNorm's running statistics, which are averages already.
package final class WeightAverage {
  /// In the arena's layout.
  fileprivate let values: AlignedBuffer
  private unowned let model: HydraNet
  private let pieces: [Range<Int>]

  init(_ model: HydraNet) throws {
    self.model = model
    values = try AlignedBuffer(count: model.table.floatCount)
    pieces = GradientArena.pieces(model.table.entries.flatMap(\.liveRanges))
    values.pointer.update(from: model.parameters.pointer, count: values.count)
  }

  /// average = decay · average + (1 - decay) · parameters.
  package func update(decay: Float) {
    let source = UnsafePointer(model.parameters.pointer)
    let target = values.pointer
    let pieces = pieces
    model.runner.forEach(count: pieces.count, phase: .optimizer) { piece, _ in
      let range = pieces[piece]
      let share = Lanes(repeating: 1 - decay)
      // SAFETY: arenas are padded to multiples of 16 per parameter.
      for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
        let old = load(target + i)
        store(old.addingProduct(load(source + i) - old, share), target + i)
      }
    }
  }

  /// The averaged parameters under the model's names, in PyTorch's layouts.
  package func exportTensors() -> [StateTensor] {
    model.export(model.table.entries, from: values.pointer)
  }

  /// Takes over what `exportTensors` gave.
  ///
  /// - Throws: `ModelError` for a missing or unknown name, or another shape. Nothing changes then.
  package func importTensors(_ tensors: [StateTensor]) throws {
    let entries = model.table.entries
    guard tensors.count == entries.count else {
      throw ModelError(
        "the averaged weights hold \(tensors.count) tensors, expected \(entries.count)")
    }
    let byName = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = try entries.map { entry -> (ParameterEntry, [Float]) in
      guard let tensor = byName[entry.name], tensor.shape == entry.shape,
        let floats = tensor.floats
      else {
        throw ModelError(
          "the averaged weights lack \(entry.name) as floats of shape \(entry.shape)")
      }
      return (entry, floats)
    }
    for (entry, floats) in pairs {
      floats.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        entry.format.arrange(base, count: entry.count, into: values.pointer + entry.offset)
      }
    }
  }
}

extension HydraNet {
  /// An average that begins with the parameters as they are.
  package func makeAverage() throws -> WeightAverage { try WeightAverage(self) }

  /// Runs `body` with the averaged parameters in place of the model's own.
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
      for i in stride(
        from: part * chunk, to: min((part + 1) * chunk, count), by: Lanes.scalarCount)
      {
        let mine = load(own + i)
        store(load(other + i), own + i)
        store(mine, other + i)
      }
    }
    parametersChanged()
  }
}
