import Experiment
import Reports
import Terminal

/// A run's epochs as a table that grows by a line with every epoch.
package struct EpochLines {
  private let tasks: [TaskSettings]
  private let epochs: Int
  private let hasValidation: Bool

  package init(tasks: [TaskSettings], epochs: Int, hasValidation: Bool) {
    self.tasks = tasks
    self.epochs = epochs
    self.hasValidation = hasValidation
  }

  /// The titles, as wide as the columns below them.
  package var header: String { line(columns.map(\.title)) }

  /// - Parameter isBest: whether the epoch is the best so far.
  package func row(_ record: EpochRecord, isBest: Bool) -> String {
    var cells = ["\(record.epoch)/\(epochs)", loss(record.train)]
    if hasValidation {
      cells.append(loss(record.validation))
      cells += tasks.map { RunLog.figure($0, record.validation) }
    }
    cells += [
      rateText(record.imagesPerSecond), percent(record.dataWait),
      clockText(seconds: record.seconds),
    ]
    return line(cells) + (isBest ? " *" : "")
  }

  private func loss(_ figures: [String: Double]) -> String {
    figures["loss"].map { fixed($0, 3) } ?? "–"
  }

  private func line(_ cells: [String]) -> String {
    zip(cells, columns).map { $0.leftPadded(to: $1.width) }.joined(separator: "  ")
  }

  private var columns: [(title: String, width: Int)] {
    var columns = [("epoch", 2 * "\(epochs)".count + 1), (hasValidation ? "train" : "loss", 6)]
    if hasValidation {
      columns.append(("valid", 6))
      columns += tasks.map { (RunLog.title($0), 6) }
    }
    columns += [("images/s", 6), ("wait", 5), ("time", 4)]
    return columns.map { ($0.0, max($0.0.count, $0.1)) }
  }
}
