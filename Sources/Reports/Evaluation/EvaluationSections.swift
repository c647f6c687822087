import Experiment
import Terminal

/// The sections of a report about the best weights: confusion, errors by range and by group.
struct EvaluationSections {
  private let evaluation: Evaluation
  private let units: [String: String]

  init(_ evaluation: Evaluation, units: [String: String]) {
    self.evaluation = evaluation
    self.units = units
  }

  /// Errors by range, confusion matrices, calibration and all figures.
  func cards() -> Markup {
    let tasks = zip(evaluation.tasks, evaluation.metrics).filter { $1.count > 0 }
    let bars = tasks.compactMap { task, metrics -> Markup? in
      guard case .regression(let metrics) = metrics else { return nil }
      return self.bars(task.name, metrics.decades)
    }
    let matrices = tasks.compactMap { task, metrics in
      metrics.confusion.map { matrix(task.name, $0) }
    }
    let calibration = zip(evaluation.tasks, evaluation.reliability).compactMap { task, table in
      table.map { ReliabilityDiagram(task: task.name, table: $0).card() }
    }
    return "<div class=\"grid\">\(bars)\(matrices)\(calibration)\(figures())</div>"
  }

  private func figures() -> Markup {
    let figures = evaluation.figures
    let names = figures.keys.sorted(by: FigureName.precedes).map(FigureName.init)
    let rows = names.map { figure -> Markup in
      """
      <div><span>\(HeadlineCards.capitalized(figure.title))</span>\
      <b>\(figure.text(figures[figure.key]))</b></div>
      """
    }
    return """
      <div class="card wide"><h3>All figures</h3><div class="figures">\(rows)</div></div>

      """
  }

  private func bars(_ task: String, _ decades: [RegressionMetrics.Decade]) -> Markup {
    let largest = decades.map(\.mae).filter(\.isFinite).max() ?? 0
    let rows = decades.map { decade -> Markup in
      let share = largest > 0 && decade.mae.isFinite ? decade.mae / largest : 0
      return """
        <span class="label">\(decade.title)</span><span class="track">\
        <span class="fill" style="width:\(at: 100 * share)%;--p:\(at: share)"></span></span>\
        <span class="num">\(decade.mae.isFinite ? fixed(decade.mae, 2) : "–")</span>\
        <span class="count">n = \(grouped(decade.count))</span>

        """
    }
    let unit = units[task].map { ", \($0)" } ?? ""
    return """
      <div class="card"><h3>Mean error of \(task) by true \(task)\(unit)</h3>\
      <div class="bars">\(rows)</div></div>

      """
  }

  /// With more classes, cells are too small for numbers: they show under the pointer.
  private static let mostWithNumbers = 12

  /// Each row sums to 100 %: the diagonal is the share found.
  private func matrix(_ task: String, _ confusion: [[Int]]) -> Markup {
    let classes = confusion.indices.map { evaluation.classNames.name(of: $0, task: task) }
    let isDense = classes.count > Self.mostWithNumbers
    let rows = zip(classes, confusion).map { name, counts in
      let total = counts.reduce(0, +)
      let cells = zip(classes, counts).map { predicted, count -> Markup in
        guard !isDense || count > 0 else { return "<td></td>" }
        let share = total > 0 ? Double(count) / Double(total) : 0
        let numbers: Markup =
          isDense
          ? ""
          : """
          \(fixed(100 * share, share > 0 && share < 0.0995 ? 1 : 0))\u{202F}%<small>\(grouped(count))</small>
          """
        return """
          <td class="cell" style="--c:var(--heat);--p:\(at: 100 * share)" \
          title="\(name) taken for \(predicted): \(grouped(count)) of \(grouped(total))">\(numbers)</td>
          """
      }
      return (name: name, cells: cells)
    }
    let largest = confusion.joined().max() ?? 0
    let table = HeatTable(
      columns: classes, rows: rows, cellCharacters: isDense ? 0 : grouped(largest).count)
    return """
      <div class="\(table.card)"><h3>Confusion of \(task)<small>true ↓ predicted →</small></h3>\
      \(table.table())</div>

      """
  }

  /// A matrix of each task's errors where two columns make the groups, else a table; nil without
  /// groups.
  func groups() -> Markup? {
    let cards = evaluation.analyses.flatMap { analysis in
      analysis.columns.count == 2
        ? evaluation.tasks.indices.map { GroupErrors(analysis, of: evaluation, task: $0).card() }
        : analysis.cards(of: evaluation.tasks)
    }
    return cards.isEmpty ? nil : "<div class=\"grid\">\(cards)</div>"
  }
}
