import Tensors

/// Updates a model's parameters from its gradients, as PyTorch's SGD or AdamW.
///
/// ```swift
/// let optimizer = try Optimizer(
///   .sgd(momentum: 0.9), groups: [ParameterGroup(weightDecay: 5e-4)], model: net)
/// optimizer.step(learningRate: 0.01)
/// ```
///
/// Parameters, gradients and moments are flat arrays; a step is one parallel loop over them. Kernel
/// taps that no gradient reaches, about 7 of 11.2 million parameters at 32×32, are not touched:
/// their updates are put off, and done in one go when someone looks. Since that repeats the very
/// same operations, the result is the same bit by bit.
package final class Optimizer {
  package let method: OptimizerMethod
  /// The model that is trained.
  package let model: HydraNet
  /// Steps taken, also by the optimizer whose state was imported.
  package private(set) var stepCount = 0

  /// Momentum, or first and second moment, in the arena's layout.
  let moments: [AlignedBuffer]
  /// By parameter, in the table's order: its group, and how often it was updated.
  private let groups: [ParameterGroup]
  private var updateCounts: [Int]
  /// Constants of the steps that idle parameters have not seen.
  private var pendingSteps: [StepConstants] = []
  /// True as long as no idle parameter can have a moment.
  private var idleMomentsAreZero = true

  /// Bounds the time that looking at all parameters takes.
  private static let pendingLimit = 256

  /// - Parameter groups: settings by name; a parameter of no group has scale 1 and no decay.
  /// - Throws: `ModelError` for constants out of range, or a prefix that no parameter has.
  package init(_ method: OptimizerMethod, groups: [ParameterGroup], model: HydraNet) throws {
    if let problem = method.problem { throw ModelError(problem) }
    let entries = model.table.entries
    for group in groups {
      guard group.weightDecay >= 0, group.weightDecay.isFinite, group.learningRateScale >= 0,
        group.learningRateScale.isFinite
      else {
        throw ModelError(
          "parameter group \"\(group.prefix)\": weight decay \(group.weightDecay) and learning-rate "
            + "scale \(group.learningRateScale) are finite and 0 or more")
      }
      guard entries.contains(where: { $0.name.hasPrefix(group.prefix) }) else {
        throw ModelError("no parameter's name begins with \"\(group.prefix)\"")
      }
    }
    self.method = method
    self.model = model
    self.groups = entries.map { entry in
      let matching = groups.filter { entry.name.hasPrefix($0.prefix) }
      return matching.max { $0.prefix.utf8.count < $1.prefix.utf8.count } ?? ParameterGroup()
    }
    updateCounts = [Int](repeating: 0, count: entries.count)
    moments = try method.stateNames.map { _ in try AlignedBuffer(count: model.table.floatCount) }
    model.pendingUpdates?.applyPending()
    model.pendingUpdates = self
  }

  deinit { applyPending() }

  /// What may change from step to step.
  private struct StepConstants {
    let rate: Float
    let momentum: Float
  }

  /// Updates all parameters that are not frozen from `model.gradients`.
  ///
  /// - Parameter momentum: SGD's momentum or AdamW's β₁ in this step, as schedules cycle it; nil for
  ///   the method's own. Where that is 0, no momentum is kept and this must be nil or 0.
  package func step(learningRate: Float, momentum: Float? = nil) {
    let constants = StepConstants(rate: learningRate, momentum: momentum ?? method.momentum)
    precondition(
      constants.momentum == 0 || !moments.isEmpty, "a method without momentum takes none in a step")
    stepCount += 1
    let active = activeEntries
    for index in active { updateCounts[index] += 1 }
    model.runner.run(
      active.map { index in
        ParameterStep(
          optimizer: self, entry: model.table.entries[index],
          update: update(of: index, constants, step: updateCounts[index]),
          transposed: model.transposedIsCurrent ? model.transposed.pointer : nil)
      })
    if active.contains(where: { model.table.entries[$0].isBanked }) { model.invalidateBanks() }
    pendingSteps.append(constants)
    if pendingSteps.count >= Optimizer.pendingLimit { applyPending() }
  }

  /// The parameters that a step updates.
  private var activeEntries: [Int] {
    model.table.entries.indices.filter { index in
      !model.isFrozen(ParameterPart(name: model.table.entries[index].name))
    }
  }

  private func update(of index: Int, _ constants: StepConstants, step: Int) -> ParameterUpdate {
    let group = groups[index]
    let scaled = constants.rate * group.learningRateScale
    switch method {
    case .sgd(_, let nesterov):
      return .sgd(
        SGDUpdate(
          rate: scaled, momentum: constants.momentum, weightDecay: group.weightDecay,
          nesterov: nesterov))
    case .adamW(_, let beta2, let epsilon):
      return .adamW(
        AdamWUpdate(
          rate: scaled, weightDecay: group.weightDecay, beta1: constants.momentum, beta2: beta2,
          epsilon: epsilon, step: step))
    }
  }

  /// Updates a part of one parameter from the model's gradients.
  func apply(_ update: ParameterUpdate, to range: Range<Int>) {
    // SAFETY: arenas are padded to multiples of 16 per parameter, with zeros that stay zero.
    let padded = range.lowerBound..<(range.upperBound + 15) / 16 * 16
    let weights = model.parameters.pointer
    let gradients = UnsafePointer(model.gradients.values.pointer)
    switch update {
    case .sgd(let sgd):
      sgd.apply(padded, w: weights, b: moments.first?.pointer, gradient: gradients)
    case .adamW(let adamW):
      adamW.apply(
        padded, w: weights, m: moments[0].pointer, v: moments[1].pointer, gradient: gradients)
    }
  }
}

extension Optimizer: PendingUpdates {
  /// Does what was put off: for every idle parameter the steps in their order, with gradient zero.
  func applyPending() {
    let steps = pendingSteps
    pendingSteps = []
    if steps.isEmpty { return }
    var tasks: [(range: Range<Int>, updates: [ParameterUpdate])] = []
    for index in activeEntries where !idleMomentsAreZero || groups[index].weightDecay != 0 {
      let ranges = model.table.entries[index].idleRanges
      if ranges.isEmpty { continue }
      let updates = steps.enumerated().map { offset, constants in
        update(of: index, constants, step: updateCounts[index] - steps.count + offset + 1)
      }
      for range in GradientArena.pieces(ranges) { tasks.append((range, updates)) }
    }
    if tasks.isEmpty { return }
    model.runner.forEach(count: tasks.count, phase: .optimizer) { task, _ in
      replay(tasks[task].updates, on: tasks[task].range)
    }
    // AdamW's moments stay zero without gradients; SGD's take up the decay.
    if case .sgd(let momentum, _) = method, momentum != 0 { idleMomentsAreZero = false }
  }

  /// Repeats updates element by element: the parameters are read and written once for all steps.
  private func replay(_ updates: [ParameterUpdate], on range: Range<Int>) {
    let weights = model.parameters.pointer
    // SAFETY: idle ranges are whole 64×64 matrices, multiples of 16.
    for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
      var w = load(weights + i)
      var first = moments.isEmpty ? Lanes.zero : load(moments[0].pointer + i)
      var second = moments.count < 2 ? Lanes.zero : load(moments[1].pointer + i)
      for update in updates {
        switch update {
        case .sgd(let sgd): sgd.apply(&w, &first, gradient: .zero)
        case .adamW(let adamW): adamW.apply(&w, &first, &second, gradient: .zero)
        }
      }
      store(w, weights + i)
      if idleMomentsStayZero { continue }
      if !moments.isEmpty { store(first, moments[0].pointer + i) }
      if moments.count == 2 { store(second, moments[1].pointer + i) }
    }
  }

  /// Spares the memory of moments that are zero anyway.
  private var idleMomentsStayZero: Bool {
    if case .adamW = method { idleMomentsAreZero } else { false }
  }
}

extension Optimizer {
  private static let countsName = "update_counts"

  /// Everything beside the model's own tensors that an exact continuation needs: the moments as
  /// `momentum.<parameter>` or `moment1.<parameter>` and `moment2.<parameter>` in PyTorch's layouts,
  /// and how often each parameter was updated.
  package func exportState() -> [StateTensor] {
    applyPending()
    let counts = [stepCount] + updateCounts
    var tensors = [
      StateTensor(
        name: Optimizer.countsName, shape: [counts.count], integers: counts.map { Int64($0) })
    ]
    for (name, buffer) in zip(method.stateNames, moments) {
      tensors += model.export(model.table.entries, from: buffer.pointer, prefix: "\(name).")
    }
    return tensors
  }

  /// Takes over what `exportState` gave. Import the model's tensors too; then training goes on as if
  /// it had never stopped, bit by bit.
  ///
  /// - Throws: `ModelError` for a missing or unknown name, another shape, or impossible counts.
  ///   Nothing changes then.
  package func importState(_ tensors: [StateTensor]) throws {
    let entries = model.table.entries
    var expected = Set([Optimizer.countsName])
    for name in method.stateNames {
      for entry in entries { expected.insert("\(name).\(entry.name)") }
    }
    var found: [String: StateTensor] = [:]
    for tensor in tensors {
      guard expected.contains(tensor.name), found.updateValue(tensor, forKey: tensor.name) == nil
      else {
        throw ModelError(
          "optimizer state has an unexpected tensor \(tensor.name): it is of another optimizer or "
            + "model, or appears twice")
      }
    }
    func tensor(_ name: String, _ shape: [Int]) throws -> StateTensor {
      guard let tensor = found[name] else { throw ModelError("optimizer state lacks \(name)") }
      guard tensor.shape == shape else {
        throw ModelError("optimizer state: \(name) has shape \(tensor.shape), expected \(shape)")
      }
      return tensor
    }
    let counts = try tensor(Optimizer.countsName, [entries.count + 1])
    guard let integers = counts.integers,
      integers.allSatisfy({ $0 >= 0 && $0 <= integers[0] && $0 < 1 << 40 })
    else {
      throw ModelError(
        "optimizer state: \(Optimizer.countsName) are integers from 0 to the step count")
    }
    var sources: [(buffer: AlignedBuffer, entry: ParameterEntry, values: [Float])] = []
    for (name, buffer) in zip(method.stateNames, moments) {
      for entry in entries {
        let source = try tensor("\(name).\(entry.name)", entry.shape)
        guard let floats = source.floats else {
          throw ModelError("optimizer state: \(source.name) holds integers, expected floats")
        }
        sources.append((buffer, entry, floats))
      }
    }
    applyPending()
    model.pool.forEach(count: sources.count) { index, _ in
      let (buffer, entry, values) = sources[index]
      values.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        entry.format.arrange(base, count: entry.count, into: buffer.pointer + entry.offset)
      }
    }
    stepCount = Int(integers[0])
    updateCounts = integers.dropFirst().map { Int($0) }
    // A run at another input size had other idle taps.
    idleMomentsAreZero = moments.allSatisfy { buffer in
      entries.allSatisfy { entry in
        entry.idleRanges.allSatisfy { $0.allSatisfy { buffer.pointer[$0] == 0 } }
      }
    }
  }
}
