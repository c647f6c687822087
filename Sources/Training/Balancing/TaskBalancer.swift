import Experiment

/// Weighs the losses of the tasks against each other by the method that the recipe names; see
/// `balancingMethods`.
///
/// `weights(for:)` gives the factors of the *unweighted* losses for one backward pass, the tasks' own
/// weights included. A `struct` with all that changes in `state`, so that a checkpoint can hold it.
///
/// A method sees the tasks that are left alone: after `stop` it weighs them as if there had never
/// been another, with what it has learned of them.
package struct TaskBalancer: Sendable {
  package let settings: BalanceSettings
  package internal(set) var state = BalancingState()
  /// The tasks that are trained, by their index, in ascending order.
  package private(set) var remaining: [Int]
  private let tasks: [TaskSettings]
  private let seed: UInt64
  private let ownWeights: [Double]
  private var method: any BalancingMethod

  package init(_ settings: BalanceSettings, tasks: [TaskSettings], seed: UInt64) {
    self.settings = settings
    self.tasks = tasks
    self.seed = seed
    remaining = Array(tasks.indices)
    ownWeights = tasks.map(\.weight)
    let type = settings.method.type
    method = type.init(BalancedTasks(tasks, settings: settings, seed: seed))
    state.values = type.startValue.map { value in tasks.map { _ in value } } ?? []
    state.firstMoments = state.values.map { _ in 0 }
    state.secondMoments = state.values.map { _ in 0 }
  }

  /// Leaves a task out from now on: its weight is 0.
  package mutating func stop(_ task: Int) {
    guard let place = remaining.firstIndex(of: task) else { return }
    remaining.remove(at: place)
    state.remove(task: place)
    method = settings.method.type.init(
      BalancedTasks(remaining.map { tasks[$0] }, settings: settings, seed: seed))
  }

  /// Whether a task is left whose loss counts.
  package var hasWork: Bool { remaining.contains { ownWeights[$0] > 0 } }

  /// Takes up a state from a checkpoint.
  ///
  /// - Throws: `TrainingError` if it is of another method or number of tasks.
  /// - Precondition: the tasks that were stopped are stopped here too.
  package mutating func restore(_ other: BalancingState) throws {
    let count = remaining.count
    let fits =
      other.values.count == state.values.count
      && other.firstMoments.count == state.values.count
      && other.secondMoments.count == state.values.count
      && [0, count].contains(other.initialLosses.count) && other.history.count <= 2
      && other.history.allSatisfy { $0.count == count }
      && (0...1 << 40).contains(other.updates)
    guard fits else {
      throw TrainingError(
        "the checkpoint's task balancing does not fit \(settings.method.rawValue) with "
          + "\(count) tasks; resume with the run's own configuration")
    }
    state = other
  }

  /// Factors of the tasks' losses in step `step`.
  ///
  /// - Parameter losses: mean loss of each task, without its own weight; NaN where no sample of the
  ///   batch has the task's label.
  package func weights(for losses: [Float], step: Int) -> [Float] {
    var weights = [Float](repeating: 0, count: ownWeights.count)
    let factors = method.factors(weighted(losses), state, step: step)
    for (task, factor) in zip(remaining, factors) {
      weights[task] = Float(factor * ownWeights[task])
    }
    return weights
  }

  /// What the whole objective is worth at these losses and weights, for the log.
  package func total(of losses: [Float], weights: [Float]) -> Double {
    let sum = zip(weights, losses).reduce(0) {
      $1.1.isNaN ? $0 : $0 + Double($1.0) * Double($1.1)
    }
    return method.total(weighted(losses), sum: sum, state)
  }

  /// Whether `learn` needs ‖∂lossᵢ/∂W‖ of the last shared layer.
  package var needsGradientNorms: Bool { type(of: method).need == .gradientNorms }

  /// Whether the tasks' gradients are combined with `coefficients`, so that each is needed apart.
  package var needsTaskGradients: Bool { type(of: method).need == .taskGradients }

  /// Factors of the tasks' gradients in what they share, for the tasks that are left.
  ///
  /// - Parameter products: K×K inner products of their gradients, the weights of the step included.
  package func coefficients(products: [[Double]], step: Int) -> [Double] {
    method.coefficients(products: products, step: step)
  }

  /// Updates what the method learns, once per optimizer step.
  ///
  /// - Parameters:
  ///   - losses: over all batches of the step; NaN as in `weights(for:step:)`.
  ///   - gradientNorms: per task, the norm of the unweighted loss's gradient in the last shared
  ///     layer, where they are needed.
  package mutating func learn(losses: [Float], gradientNorms: [Float]? = nil) {
    let norms = gradientNorms.map(weighted)
    guard norms != nil || !needsGradientNorms else { return }
    method.learn(weighted(losses), norms: norms ?? [], &state)
  }

  /// Hands over the mean losses of an epoch that ended.
  package mutating func endEpoch(meanLosses: [Float]) {
    method.endEpoch(weighted(meanLosses), &state)
  }

  /// Numbers of all tasks, each times its task's own weight, for the tasks that are left.
  private func weighted(_ values: [Float]) -> [Double] {
    remaining.map { Double(values[$0]) * ownWeights[$0] }
  }
}
