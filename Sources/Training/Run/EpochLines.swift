import Experiment
import Reports
import Terminal

/// A run's epochs as a table that grows by a line with every epoch.
package struct EpochLines {
  private let tasks: [TaskSettings]
  private let epochs: Int
  private let hasValidation: Bool
  private let hasScore: Bool

  /// - Parameter hasScore: whether the records have the combined score of all tasks.
  package init(tasks: [TaskSettings], epochs: Int, hasValidation: Bool, hasScore: Bool = false) {
    self.tasks = tasks
    self.epochs = epochs
    self.hasValidation = hasValidation
    self.hasScore = hasScore && hasValidation
  }

  /// The titles, as wide as the columns below them.
  package var header: String { line(columns.map(\.title)) }

  /// - Parameters:
  ///   - isBest: whether the epoch is the best so far.
  ///   - names: the tasks whose best it is.
  package func row(_ record: EpochRecord, isBest: Bool, bestOf names: [String] = []) -> String {
    var cells = ["\(record.epoch)/\(epochs)", loss(record.train)]
    if hasValidation {
      cells.append(loss(record.validation))
      cells += tasks.map { RunLog.figure($0, record.validation) }
      if hasScore {
        cells.append(record.validation[FigureName.combinedScore].map { fixed($0, 4) } ?? "–")
      }
    }
    cells += [
      rateText(record.imagesPerSecond), percent(record.dataWait),
      clockText(seconds: record.seconds),
    ]
    return line(cells) + (isBest ? " *" : "")
      + (names.isEmpty ? "" : " best \(names.joined(separator: ", "))")
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
      if hasScore { columns.append((FigureName.combinedScore, 7)) }
    }
    columns += [("images/s", 6), ("wait", 5), ("time", 4)]
    return columns.map { ($0.0, max($0.0.count, $0.1)) }
  }
}
