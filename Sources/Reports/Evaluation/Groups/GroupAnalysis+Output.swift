import Experiment
import Terminal

extension GroupAnalysis {
  /// Such as "gender × race".
  package var title: String { columns.joined(separator: " × ") }

  /// A table of each task's main figure and, for a binary task, one of the rates that fairness is
  /// judged by. A row a group, then the gap of each figure with the group worst off.
  func lines(columns: Int) -> [String] {
    let mains = tasks.compactMap { task in
      ["mae", "accuracy"].first(where: metrics(of: task).contains).map { (task, $0) }
    }
    var sections = [
      table(title, mains.map { ("\($0) \(FigureName($1).title)", $0, $1) }).lines(columns: columns)
    ]
    for task in fairness.map(\.task) {
      let rates = metrics(of: task).filter { $0.hasSuffix("_rate") }
      sections.append(
        table("\(task) by \(title)", rates.map { (FigureName($0).title, task, $0) })
          .lines(columns: columns))
    }
    var notes = fairness.map { fairness in
      "\(fairness.task) by \(title): demographic parity difference "
        + fixed(fairness.demographicParityDifference, 4) + ", equalized odds difference "
        + (fairness.equalizedOddsDifference.map { fixed($0, 4) } ?? "–")
    }
    if hasFew { notes.append("* \(Self.fewNote)") }
    if ungrouped > 0 {
      let images = ungrouped == 1 ? "1 image lacks" : "\(grouped(ungrouped)) images lack"
      notes.append("\(images) a value of \(title)")
    }
    sections.append(notes.flatMap { folded($0, columns: columns) })
    return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  static let fewNote = "fewer than \(fewestInGaps) images: not counted in gaps"

  var hasFew: Bool { groups.contains { $0.figures.contains(where: \.isOfFew) } }

  private func table(
    _ title: String, _ figures: [(header: String, task: String, metric: String)]
  ) -> TextTable {
    // A column for the mark keeps the numbers in line.
    let plain = hasFew ? " " : ""
    var table = TextTable(
      header: [title, "images"] + figures.map { $0.header + plain },
      alignment: [.left, .right] + figures.map { _ in .right })
    for group in groups {
      table.append(
        [group.names.joined(separator: " × "), grouped(group.count)]
          + figures.map { _, task, metric in
            group.figure(task, metric).map { Self.cell($0) + ($0.isOfFew ? "*" : plain) }
              ?? "–" + plain
          })
    }
    func row(_ title: String, _ text: (Gap) -> String?) {
      table.append(
        [title, ""]
          + figures.map { _, task, metric in
            (gaps.first { $0.task == task && $0.metric == metric }.flatMap(text) ?? "–") + plain
          })
    }
    row("gap") { Self.text($0.metric, $0.value) }
    row("worst") { $0.worst?.joined(separator: " × ") }
    return table
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
