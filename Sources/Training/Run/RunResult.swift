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
  let tasks: [TaskSettings]
  let bestMetric: String

  enum CodingKeys: String, CodingKey {
    case run, weights, report, best, last
    case stoppedEarly = "stopped_early"
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
    return (stoppedEarly ? ["Stopped early: no later epoch was better."] : [])
      + table.lines(columns: columns) + ["weights: \(weights)"]
      + (report.map { ["report:  \($0)"] } ?? [])
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
      last: records.last, stoppedEarly: progress.stoppedEarly, tasks: settings.tasks,
      bestMetric: progress.best.metric.name)
  }
}
