/// A table of coloured cells that scrolls inside its card where it is wider.
struct HeatTable {
  let columns: [String]
  /// Whole rows of markup, each with a heading and a cell for every column.
  let rows: [Markup]
  /// Whether cells are small and without text.
  var isDense = false

  /// As wide as a percentage above "n = 12,345".
  private static let cellWidth = 68

  func table() -> Markup {
    let header = columns.map { name -> Markup in "<th title=\"\(name)\">\(name)</th>" }
    let style: Markup =
      isDense ? "" : " style=\"min-width:\(64 + Self.cellWidth * columns.count)px\""
    return """
      <div class="scroll"><table class="heat\(isDense ? " dense" : "" as Markup)"\(style)>\
      <colgroup><col/>\(columns.map { _ -> Markup in "<col/>" })</colgroup>\
      <tr><td></td>\(header)</tr>\(rows)</table></div>
      """
  }
}
