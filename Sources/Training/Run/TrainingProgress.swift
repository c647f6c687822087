import Experiment

/// How far a run is: all that a checkpoint holds besides tensors.
///
/// Order, augmentation, schedule and random task weights are functions of these numbers and of the
/// settings, so nothing else has to be kept to go on as if the run had never stopped.
package struct TrainingProgress: Codable, Equatable, Sendable {
  /// Batches done since the start of the run.
  package var batch = 0
  /// Optimizer steps done since the start of the run.
  package var step = 0
  /// Sums over the running epoch, for its means.
  package var sums: EpochSums
  package var balancing: BalancingState
  package var best: BestEpochs
  /// The choice of every task, in a run that chooses by task.
  package var tasks: [TaskChoice]?
  /// Whether patience ran out or every head was stopped: a resumed run has nothing left to do.
  package var stoppedEarly = false

  package init(sums: EpochSums, balancing: BalancingState, best: BestEpochs) {
    self.sums = sums
    self.balancing = balancing
    self.best = best
  }
}

/// Sums over the batches of an epoch.
package struct EpochSums: Codable, Equatable, Sendable {
  package var images = 0
  package var batches = 0
  package var total = 0.0
  /// By task: sums of losses times the weights of their means, and of those weights.
  package var losses: [Double]
  package var lossWeights: [Double]
  /// By task: sums of the factors that the balancing gave.
  package var weights: [Double]

  package init(taskCount: Int) {
    losses = [Double](repeating: 0, count: taskCount)
    weights = losses
    lossWeights = losses
  }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - losses: by task, the mean over the batch.
  ///   - lossWeights: by task, what that mean counts for; see `HydraNet.lossWeights`.
  ///   - weights: by task, the factor of the loss.
  package mutating func add(
    images count: Int, losses: [Float], lossWeights: [Double], weights: [Float], total: Double
  ) {
    images += count
    batches += 1
    self.total += total * Double(count)
    for task in losses.indices {
      self.losses[task] += Double(losses[task]) * lossWeights[task]
      self.lossWeights[task] += lossWeights[task]
      self.weights[task] += Double(weights[task])
    }
  }

  package var meanTotal: Double { total / Double(max(1, images)) }
  /// NaN for a task whose label no sample had.
  package var meanLosses: [Double] { zip(losses, lossWeights).map { $0 / $1 } }
  package var meanWeights: [Double] { weights.map { $0 / Double(max(1, batches)) } }

  /// The figures of `EpochRecord.train`.
  package func figures(_ tasks: [TaskSettings]) -> [String: Double] {
    var result = ["loss": meanTotal]
    for (index, task) in tasks.enumerated() {
      result["\(task.name)_loss"] = meanLosses[index]
      result["\(task.name)_weight"] = meanWeights[index]
    }
    return result
  }
}
