import Experiment
import Reports

/// A task's best epoch so far, and whether its head is done.
package struct TaskChoice: Codable, Equatable, Sendable {
  /// By the task's main figure; empty as long as there was none.
  package private(set) var best: BestEpochs
  /// The epoch after which the head was stopped; nil as long as it is trained.
  package private(set) var stoppedAfter: Int?

  package init(_ task: TaskSettings) {
    best = BestEpochs(by: BestMetric(task.mainFigure, hasValidation: true))
  }

  /// Takes in an epoch. One in which no sample has the task's label says nothing.
  ///
  /// - Returns: whether it is the task's best so far; of equals the first is.
  package mutating func add(_ record: EpochRecord) -> Bool {
    guard !best.metric.value(of: record).isNaN else { return false }
    return best.add(record, limit: 1).isBest
  }

  /// Stops the head where the figure was not better for `patience` epochs.
  ///
  /// - Returns: whether it was stopped now.
  package mutating func stop(after epoch: Int, patience: Int) -> Bool {
    guard stoppedAfter == nil, let best = best.entries.first, epoch - best.epoch >= patience else {
      return false
    }
    stoppedAfter = epoch
    return true
  }

  /// Whether a run of that task can have made it in its first `epochs`.
  func fits(_ task: TaskSettings, epochs: Int) -> Bool {
    best.metric == TaskChoice(task).best.metric && best.entries.count <= 1
      && (best.entries.map(\.epoch) + [stoppedAfter ?? 1]).allSatisfy { (1...max(1, epochs)) ~= $0 }
  }
}
