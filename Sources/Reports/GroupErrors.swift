import Terminal

/// One kind of error by group, as a matrix of colours against the error of the whole split.
struct GroupErrors {
  private let groups: EvaluationDetails.Groups
  private let column: Int
  /// Groups below this are not named as the best or worst served.
  private static let smallestNamed = 30

  init(_ groups: EvaluationDetails.Groups, column: Int) {
    self.groups = groups
    self.column = column
  }

  private var overall: Double { groups.columns[column].overall }

  private func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    return groups.columns[column].isShare ? NumberText.share(value) : fixed(value, 2)
  }

  func card() -> Markup {
    """
    <div class="card\(Set(groups.rows.map { $0.labels.last ?? "" }).count > 6 ? " wide" : "" as Markup)"><h3>\(HeadlineCards.capitalised(groups.columns[column].title))</h3>\
    \(groups.names.count == 2 ? matrix() : list())\(gap())</div>

    """
  }

  /// First name down, second name across.
  private func matrix() -> Markup {
    var down: [String] = []
    var across: [String] = []
    for row in groups.rows {
      if !down.contains(row.labels[0]) { down.append(row.labels[0]) }
      if !across.contains(row.labels[1]) { across.append(row.labels[1]) }
    }
    let rows = down.map { first -> Markup in
      let cells = across.map { second -> Markup in
        groups.rows.first { $0.labels == [first, second] }.map(cell)
          ?? "<td class=\"none\">–</td>"
      }
      return "<tr><th title=\"\(first)\">\(first)</th>\(cells)</tr>"
    }
    return HeatTable(columns: across, rows: rows).table()
  }

  private func list() -> Markup {
    let rows = groups.rows.map { row -> Markup in
      "<tr><th>\(row.labels.joined(separator: ", "))</th>\(cell(row))</tr>"
    }
    return "<table class=\"heat\">\(rows)</table>"
  }

  /// Full colour at half as many errors again as the whole split, or half as many less.
  private func cell(_ row: EvaluationDetails.Groups.Row) -> Markup {
    let value = row.errors[column]
    let excess = overall > 0 && value.isFinite ? value / overall - 1 : 0
    let strength = min(1, abs(excess) / 0.5)
    return """
      <td class="cell" style="--c:var(--heat-\(excess > 0 ? "bad" : "good"));--p:\(at: 100 * strength)" \
      title="\(row.labels.joined(separator: ", ")): \(text(value)), whole split \(text(overall)), \
      \(grouped(row.count)) samples">\(text(value))<small>n = \(grouped(row.count))</small></td>
      """
  }

  private func gap() -> Markup {
    let named = groups.rows.filter { $0.count >= Self.smallestNamed && $0.errors[column].isFinite }
    guard let low = named.min(by: { $0.errors[column] < $1.errors[column] }),
      let high = named.max(by: { $0.errors[column] < $1.errors[column] }), named.count > 1
    else { return "<p class=\"gap\">Whole split <b>\(text(overall))</b></p>" }
    return """
      <p class="gap">Whole split <b>\(text(overall))</b>; from <b>\(text(low.errors[column]))</b> \
      (\(low.labels.joined(separator: ", "))) to <b>\(text(high.errors[column]))</b> \
      (\(high.labels.joined(separator: ", "))), groups of \(Self.smallestNamed) or more</p>
      """
  }
}
