import Tensors
import Threads

/// What came of an import.
package struct ImportReport: Sendable, Equatable {
  /// Names that were taken over, in the file's order.
  package var imported: [String] = []
  /// Names of the model that the file did not have; they kept their values.
  package var missing: [String] = []
  /// Names in the file that the model does not have.
  package var unexpected: [String] = []
}

/// One entry of the model's state.
private enum StateItem {
  case parameter(ParameterEntry)
  case statistics(name: String, count: Int, UnsafeMutablePointer<Float>)
  case batchesTracked(BatchNorm)

  var name: String {
    switch self {
    case .parameter(let entry): entry.name
    case .statistics(let name, _, _): name
    case .batchesTracked(let norm): "\(norm.name).num_batches_tracked"
    }
  }

  var isCounter: Bool {
    if case .batchesTracked = self { true } else { false }
  }

  var shape: [Int] {
    switch self {
    case .parameter(let entry): entry.shape
    case .statistics(_, let count, _): [count]
    case .batchesTracked: []
    }
  }
}

extension HydraNet {
  /// Parameters and BatchNorm statistics with PyTorch's names, layouts and order: what
  /// `load_state_dict(strict=True)` of the article's class takes, or of the class MTAN in
  /// Tests/NetworkTests/Golden/mtan.py.
  package func exportTensors() -> [StateTensor] {
    pendingUpdates?.applyPending()
    return exported(parameters.pointer)
  }

  /// The gradients with the names and layouts of the parameters. Taps without gradient are zero.
  package func exportGradients() -> [StateTensor] {
    export(table.entries, from: gradients.values.pointer)
  }

  /// Names and shapes of the model's state, in order.
  package var stateDescription: [(name: String, shape: [Int])] {
    stateItems.map { ($0.name, $0.shape) }
  }

  /// Takes over parameters and BatchNorm statistics by name. Nothing changes where it throws.
  ///
  /// - Parameters:
  ///   - allowMissing: accepts tensors that lack some of the model's names.
  ///   - ignoreUnknown: accepts names that the model does not have.
  /// - Throws: `ModelError` for a name that appears twice, is missing or unknown, or for a tensor of
  ///   another shape or type.
  @discardableResult
  package func importTensors(
    _ tensors: [StateTensor], allowMissing: Bool = false, ignoreUnknown: Bool = false
  ) throws -> ImportReport {
    let items = stateItems
    let known = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0) })
    var report = ImportReport()
    var seen = Set<String>()
    var pairs: [(StateItem, StateTensor)] = []
    for tensor in tensors {
      guard seen.insert(tensor.name).inserted else {
        throw ModelError("tensor \(tensor.name) appears twice in the weights")
      }
      guard let item = known[tensor.name] else {
        report.unexpected.append(tensor.name)
        continue
      }
      try HydraNet.check(tensor, against: item)
      pairs.append((item, tensor))
      report.imported.append(tensor.name)
    }
    // PyTorch too does without the counters, which older files and other tools lack.
    report.missing = items.filter { !$0.isCounter && !seen.contains($0.name) }.map(\.name)
    if let name = report.missing.first, !allowMissing {
      throw ModelError(
        "the weights lack tensor \(name)\(HydraNet.others(report.missing)): they are of another "
          + "model, or not whole")
    }
    if let name = report.unexpected.first, !ignoreUnknown {
      throw ModelError(
        "the model has no tensor \(name)\(HydraNet.others(report.unexpected)): the weights are of "
          + "another architecture or other tasks")
    }
    pendingUpdates?.applyPending()
    pool.forEach(count: pairs.count) { index, _ in take(pairs[index].1, as: pairs[index].0) }
    parametersChanged()
    return report
  }

  /// Copies entries of an arena out, in PyTorch's layouts.
  func export(_ entries: [ParameterEntry], from arena: UnsafePointer<Float>, prefix: String = "")
    -> [StateTensor]
  {
    entries.map { entry in
      StateTensor(
        name: prefix + entry.name, shape: entry.shape,
        floats: [Float](unsafeUninitializedCapacity: entry.count) { buffer, count in
          if let base = buffer.baseAddress {
            entry.format.restore(arena + entry.offset, count: entry.count, into: base)
          }
          count = entry.count
        })
    }
  }

  private func exported(_ arena: UnsafePointer<Float>) -> [StateTensor] {
    stateItems.map { item in
      switch item {
      case .parameter(let entry): export([entry], from: arena)[0]
      case .statistics(let name, let count, let pointer):
        StateTensor(
          name: name, shape: [count],
          floats: [Float](UnsafeBufferPointer(start: pointer, count: count)))
      case .batchesTracked(let norm):
        StateTensor(name: item.name, shape: [], integers: [norm.running.batchesTracked])
      }
    }
  }

  /// Every BatchNorm once, however often it is used in a step.
  var norms: [BatchNorm] { trunk.norms + (attention?.norms ?? []) }

  /// Parameters in the table's order, which is PyTorch's, each BatchNorm followed by its statistics.
  private var stateItems: [StateItem] {
    let norms = Dictionary(uniqueKeysWithValues: self.norms.map { ($0.bias.name, $0) })
    return table.entries.flatMap { entry -> [StateItem] in
      guard let norm = norms[entry.name] else { return [.parameter(entry)] }
      return [
        .parameter(entry),
        .statistics(
          name: norm.statisticNames[0], count: norm.channelCount, norm.running.mean),
        .statistics(
          name: norm.statisticNames[1], count: norm.channelCount, norm.running.variance),
        .batchesTracked(norm),
      ]
    }
  }

  /// Takes over another network's running statistics.
  ///
  /// - Precondition: it is of the same configuration.
  func copyStatistics(from other: HydraNet) {
    for (own, source) in zip(stateItems, other.stateItems) {
      switch (own, source) {
      case (.statistics(_, let count, let target), .statistics(_, _, let values)):
        target.update(from: values, count: count)
      case (.batchesTracked(let target), .batchesTracked(let norm)):
        target.running.batchesTracked = norm.running.batchesTracked
      default: break
      }
    }
  }

  private static func check(_ tensor: StateTensor, against item: StateItem) throws {
    guard tensor.shape == item.shape else {
      throw ModelError(
        "tensor \(tensor.name) has shape \(tensor.shape), expected \(item.shape)")
    }
    switch (item, tensor.values) {
    case (.batchesTracked, .int64), (.parameter, .float32), (.statistics, .float32): return
    case (_, .int64): throw ModelError("tensor \(tensor.name) holds integers, expected floats")
    case (_, .float32): throw ModelError("tensor \(tensor.name) holds floats, expected integers")
    }
  }

  private func take(_ tensor: StateTensor, as item: StateItem) {
    switch (item, tensor.values) {
    case (.parameter(let entry), .float32(let values)):
      values.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        entry.format.arrange(base, count: entry.count, into: parameters.pointer + entry.offset)
      }
    case (.statistics(_, let count, let pointer), .float32(let values)):
      for i in 0..<count { pointer[i] = values[i] }
    case (.batchesTracked(let norm), .int64(let values)): norm.running.batchesTracked = values[0]
    default: preconditionFailure("the types were checked")
    }
  }

  private static func others(_ names: [String]) -> String {
    names.count > 1 ? " and \(names.count - 1) more" : ""
  }
}

extension BatchNorm {
  /// PyTorch's names of the running mean and variance.
  var statisticNames: [String] { ["\(name).running_mean", "\(name).running_var"] }
}
