/// A table of colored cells that scrolls inside its card where it is wider.
struct HeatTable {
  let columns: [String]
  /// Each with a heading and a cell for every column.
  let rows: [(name: String, cells: [Markup])]
  /// Characters of the longest line in a cell, such as "n = 12,345"; 0 for cells without text.
  let cellCharacters: Int

  private var isDense: Bool { cellCharacters == 0 }
  /// Widths in pixels, of a character 7 in headings and 6 in the small print of a cell.
  private var labelWidth: Int { min(96, max(40, 7 * (rows.map(\.name.count).max() ?? 0) + 8)) }
  private var cellWidth: Int { isDense ? 14 : max(48, 6 * cellCharacters + 6) }
  private var width: Int { labelWidth + (cellWidth + 3) * columns.count }

  /// Three cards of this many pixels stand side by side.
  private static let narrow = 344
  /// The class of a card that holds the table.
  var card: Markup { width > Self.narrow ? "card wide" : "card" }

  func table() -> Markup {
    let header = columns.map { name -> Markup in "<th title=\"\(name)\">\(name)</th>" }
    let lines = rows.map { row -> Markup in
      "<tr><th title=\"\(row.name)\">\(row.name)</th>\(row.cells)</tr>\n"
    }
    let size: Markup = isDense ? "width" : "min-width"
    return """
      <div class="scroll"><table class="heat\(isDense ? " dense" : "" as Markup)" \
      style="\(size):\(width)px"><colgroup><col style="width:\(labelWidth)px"/>\
      \(columns.map { _ -> Markup in "<col/>" })</colgroup>\
      <tr><td></td>\(header)</tr>\(lines)</table></div>
      """
  }
}
