import Terminal

/// One kind of error by group, as a table of colors against the error of the whole split.
struct GroupErrors {
  private let title: String
  private let isShare: Bool
  private let overall: Double
  /// One for each group: its labels' names, such as ["female", "Asian"], its size and its error.
  private let rows: [(names: [String], count: Int, error: Double)]

  /// - Parameter analysis: of two columns.
  init(_ analysis: GroupAnalysis, of evaluation: Evaluation, task: Int) {
    let settings = evaluation.tasks[task]
    let isShare = settings.kind != .regression
    title = settings.name + (isShare ? " errors" : " MAE")
    self.isShare = isShare
    overall = evaluation.metrics[task].error
    rows = analysis.groups.map { group in
      let figure = group.figure(settings.name, isShare ? "accuracy" : "mae")
      let error = figure.map { isShare ? 1 - $0.value : $0.value } ?? .nan
      return (group.names, figure?.count ?? group.count, error)
    }
  }

  private func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    return isShare ? NumberText.share(value) : fixed(value, 2)
  }

  func card() -> Markup {
    let table = table()
    return """
      <div class="\(table.card)"><h3>\(HeadlineCards.capitalized(title))</h3>\
      \(table.table())\(gap())</div>

      """
  }

  /// The last label across, what comes before it down.
  private func table() -> HeatTable {
    var down: [[String]] = []
    var across: [String] = []
    for row in rows {
      let (first, last) = (Array(row.names.dropLast()), row.names.last ?? "")
      if !down.contains(first) { down.append(first) }
      if !across.contains(last) { across.append(last) }
    }
    let longest = rows.map { grouped($0.count).count }.max() ?? 0
    return HeatTable(
      columns: across,
      rows: down.map { first in
        (
          name: first.joined(separator: ", "),
          cells: across.map { last in
            rows.first { $0.names == first + [last] }.map(cell)
              ?? "<td class=\"none\">–</td>"
          }
        )
      }, cellCharacters: 3 + longest)
  }

  /// Full color at half as many errors again as the whole split, or half as many less.
  private func cell(_ row: (names: [String], count: Int, error: Double)) -> Markup {
    let value = row.error
    let excess = overall > 0 && value.isFinite ? value / overall - 1 : 0
    let strength = min(1, abs(excess) / 0.5)
    return """
      <td class="cell" style="--c:var(--heat-\(excess > 0 ? "bad" : "good"));--p:\(at: 100 * strength)" \
      title="\(row.names.joined(separator: ", ")): \(text(value)), whole split \(text(overall)), \
      \(grouped(row.count)) samples">\(text(value))<small>n = \(grouped(row.count))</small></td>
      """
  }

  private func gap() -> Markup {
    let named = rows.filter { $0.count >= GroupAnalysis.fewestInGaps && $0.error.isFinite }
    guard let low = named.min(by: { $0.error < $1.error }),
      let high = named.max(by: { $0.error < $1.error }), named.count > 1
    else { return "<p class=\"gap\">Whole split <b>\(text(overall))</b></p>" }
    return """
      <p class="gap">Whole split <b>\(text(overall))</b>; from <b>\(text(low.error))</b> \
      (\(low.names.joined(separator: ", "))) to <b>\(text(high.error))</b> \
      (\(high.names.joined(separator: ", "))), groups of \(GroupAnalysis.fewestInGaps) or more</p>
      """
  }
}
