import Experiment
import Terminal

extension GroupAnalysis {
  /// Such as "gender × race".
  package var title: String { columns.joined(separator: " × ") }

  /// A table for every task: a row a group, and the gap of each figure with the group worst off.
  func lines(columns: Int) -> [String] {
    var sections: [[String]] = []
    for task in tasks {
      let gaps = gaps.filter { $0.task == task }
      let metrics = metrics(of: task)
      var table = TextTable(
        header: ["\(task) by \(title)", "images"] + metrics.map { FigureName($0).title },
        alignment: [.left, .right] + metrics.map { _ in .right })
      for group in groups {
        let figures = metrics.map { group.figure(task, $0) }
        table.append(
          [
            group.names.joined(separator: " × "),
            grouped(figures.compactMap { $0?.count }.first ?? 0),
          ] + figures.map { $0.map(Self.cell) ?? "–" })
      }
      func row(_ title: String, _ text: (Gap) -> String?) {
        table.append(
          [title, ""]
            + metrics.map { name in gaps.first { $0.metric == name }.flatMap(text) ?? "–" })
      }
      row("gap") { Self.text($0.metric, $0.value) }
      row("worst") { $0.worst?.joined(separator: " × ") }
      sections.append(table.lines(columns: columns))
    }
    let notes =
      fairness.map { fairness in
        "\(fairness.task) by \(title): demographic parity difference "
          + fixed(fairness.demographicParityDifference, 4) + ", equalized odds difference "
          + (fairness.equalizedOddsDifference.map { fixed($0, 4) } ?? "–")
      }
      + (ungrouped > 0 ? ["\(grouped(ungrouped)) images lack a value of \(title)"] : [])
    return Array((sections + (notes.isEmpty ? [] : [notes])).joined(separator: [""]))
  }

  var tasks: [String] {
    var tasks: [String] = []
    for figure in groups.flatMap(\.figures) where !tasks.contains(figure.task) {
      tasks.append(figure.task)
    }
    return tasks
  }

  /// The task's figures that any group has.
  func metrics(of task: String) -> [String] {
    var names: [String] = []
    for figure in groups.flatMap(\.figures)
    where figure.task == task && !names.contains(figure.metric) {
      names.append(figure.metric)
    }
    return names
  }

  /// A value as people read it: percent without the sign, or a number.
  static func text(_ metric: String, _ value: Double) -> String {
    FigureName(metric).style == .share ? fixed(100 * value, 1) : fixed(value, 2)
  }

  /// "6.52 (6.20–6.91)".
  static func cell(_ figure: Figure) -> String {
    let value = text(figure.metric, figure.value)
    guard let interval = figure.interval else { return value }
    return "\(value) (\(text(figure.metric, interval.lowerBound)) to "
      + "\(text(figure.metric, interval.upperBound)))"
  }

  /// Comma-separated values (RFC 4180) of all analyses: a row a figure of a group, `low` and `high`
  /// empty where it has no interval.
  package static func csv(_ analyses: [GroupAnalysis]) -> String {
    var rows = [["by", "group", "task", "metric", "count", "value", "low", "high"]]
    for analysis in analyses {
      for group in analysis.groups {
        rows += group.figures.map { figure in
          [
            analysis.columns.joined(separator: ","), group.names.joined(separator: ","),
            figure.task, figure.metric, "\(figure.count)", "\(figure.value)",
            figure.interval.map { "\($0.lowerBound)" } ?? "",
            figure.interval.map { "\($0.upperBound)" } ?? "",
          ]
        }
      }
    }
    return rows.map { $0.map(csvField).joined(separator: ",") + "\r\n" }.joined()
  }
}
