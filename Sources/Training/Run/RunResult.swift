import Experiment
import Files
import Foundation
import Reports
import Terminal

/// What came of a run, for standard output.
package struct RunResult: Encodable, Sendable {
  package var run: String
  package var weights: String
  /// The page about the run, where it was written.
  package var report: String?
  /// The epoch with the best figure, and the last one.
  package var best: EpochRecord?
  package var last: EpochRecord?
  package var stoppedEarly: Bool
  /// By the task's name, its best epoch; nil where the run did not choose by task.
  package var bestOfTasks: [String: TaskBest]?
  /// By the task's name, the epoch after which its head was stopped; nil where none was.
  package var stoppedHeads: [String: Int]?
  let tasks: [TaskSettings]
  let bestMetric: String

  /// A task's best epoch.
  package struct TaskBest: Encodable, Equatable, Sendable {
    package var metric: String
    package var value: Double
    package var epoch: Int
    /// The file of the weights, where it is kept.
    package var weights: String?
  }

  enum CodingKeys: String, CodingKey {
    case run, weights, report, best, last
    case stoppedEarly = "stopped_early"
    case bestOfTasks = "best_of_tasks"
    case stoppedHeads = "stopped_heads"
    case bestMetric = "best_metric"
  }

  /// One object, keys in alphabetical order.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A few lines for a person.
  ///
  /// - Parameter columns: the most characters in a line of the table.
  package func lines(columns: Int = .max) -> [String] {
    var table = TextTable(
      header: ["", "epoch", "loss"] + tasks.map(RunLog.title),
      alignment: [.left, .right, .right]
        + tasks.map { _ in .right })
    for (name, record) in [("best by \(bestMetric)", best), ("last", last)] {
      guard let record else { continue }
      let figures = record.validation.isEmpty ? record.train : record.validation
      table.append(
        [name, "\(record.epoch)", figures["loss"].map { fixed($0, 3) } ?? "–"]
          + tasks.map { RunLog.figure($0, figures) })
    }
    let isEveryHeadDone = tasks.allSatisfy { $0.weight == 0 || stoppedHeads?[$0.name] != nil }
    let reason =
      isEveryHeadDone
      ? "Stopped early: every head is stopped." : "Stopped early: no later epoch was better."
    let ofTasks = tasks.compactMap { task in
      bestOfTasks?[task.name].map { best in
        "best \(best.metric): \(RunLog.figure(task, [best.metric: best.value])) in epoch \(best.epoch)"
          + (best.weights.map { ", \($0)" } ?? "")
      }
    }
    return (stoppedEarly ? [reason] : []) + table.lines(columns: columns) + ofTasks
      + ["weights: \(weights)"] + (report.map { ["report:  \($0)"] } ?? [])
  }
}

extension TrainingRun {
  /// Optimizer steps done.
  package var step: Int { progress.step }

  /// What came of the run so far.
  package func result() throws -> RunResult {
    let records = try folder.records()
    let best = progress.best.entries.first?.epoch
    return RunResult(
      run: folder.path, weights: folder.best,
      report: exists(folder.report) ? folder.report : nil,
      best: records.first { $0.epoch == best },
      last: records.last, stoppedEarly: progress.stoppedEarly, bestOfTasks: bestOfTasks,
      stoppedHeads: stoppedHeads, tasks: settings.tasks, bestMetric: progress.best.metric.name)
  }

  private var bestOfTasks: [String: RunResult.TaskBest]? {
    guard let choices = progress.tasks else { return nil }
    return byName(choices) { task, choice in
      choice.best.entries.first.map { entry in
        RunResult.TaskBest(
          metric: choice.best.metric.name, value: entry.value, epoch: entry.epoch,
          weights: settings.bestPerTask ? folder.best(ofTask: task.name) : nil)
      }
    }
  }

  private var stoppedHeads: [String: Int]? {
    let stopped = byName(progress.tasks ?? []) { $1.stoppedAfter }
    return stopped.isEmpty ? nil : stopped
  }

  private func byName<Value>(
    _ choices: [TaskChoice], _ value: (TaskSettings, TaskChoice) -> Value?
  ) -> [String: Value] {
    let pairs = zip(settings.tasks, choices).compactMap { task, choice in
      value(task, choice).map { (task.name, $0) }
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }
}
