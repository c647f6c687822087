/// Rows of text in columns as wide as their widest cell, two blanks apart.
///
/// ```swift
/// var table = TextTable(header: ["split", "faces"], alignment: [.left, .right])
/// table.append(["train", "9,473"])
/// print(table.lines().joined(separator: "\n"))
/// ```
package struct TextTable: Sendable {
  package enum Alignment: Sendable { case left, right }

  private let alignment: [Alignment]
  private var rows: [[String]]

  /// - Parameter header: the first row; none if empty.
  package init(header: [String] = [], alignment: [Alignment]) {
    self.alignment = alignment
    rows = []
    if !header.isEmpty { append(header) }
  }

  /// Adds a row with one cell for every column. What could break a cell's line is made visible.
  package mutating func append(_ row: [String]) {
    precondition(row.count == alignment.count, "a row has one cell for every column")
    rows.append(row.map { visible($0) })
  }

  /// The rows as lines, without blanks at their ends.
  ///
  /// - Parameter columns: the most characters in a line. Where the rows are wider, the columns that
  ///   do not fit follow in further tables below, each with the first column before it.
  package func lines(columns: Int = .max) -> [String] {
    let widths = alignment.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    guard let first = widths.first else { return rows.map { _ in "" } }
    var blocks = [[0]]
    var width = first
    for column in widths.indices.dropFirst() {
      if width + 2 + widths[column] > columns, blocks[blocks.count - 1].count > 1 {
        blocks.append([0])
        width = first
      }
      blocks[blocks.count - 1].append(column)
      width += 2 + widths[column]
    }
    return Array(
      blocks.map { block in rows.map { line(of: $0, block, widths) } }.joined(separator: [""]))
  }

  private func line(of row: [String], _ columns: [Int], _ widths: [Int]) -> String {
    var line = columns.map { column in
      alignment[column] == .left
        ? row[column].padded(to: widths[column]) : row[column].leftPadded(to: widths[column])
    }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}

extension String {
  /// The text with blanks behind it up to a width in characters.
  package func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// The text with blanks before it up to a width in characters.
  package func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}

/// A horizontal bar of up to `width` characters, to an eighth of a character.
///
/// - Parameter share: 0 to 1; what is above zero shows at least one eighth.
package func bar(_ share: Double, width: Int) -> String {
  guard share > 0, width > 0 else { return "" }
  let eighths = max(1, Int((min(share, 1) * Double(width * 8)).rounded()))
  let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
  return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
}

/// A line as lines of at most `columns` characters, broken at blanks; all but the first are indented
/// by two more blanks than it. A word that is longer stays whole, so that a path can be copied.
package func folded(_ line: String, columns: Int) -> [String] {
  guard line.count > columns else { return [line] }
  let indent = String(line.prefix { $0 == " " }) + "  "
  var lines: [String] = []
  var rest = line
  while rest.count > columns {
    let start = rest.firstIndex { $0 != " " } ?? rest.endIndex
    let end = rest.index(rest.startIndex, offsetBy: max(columns, 1) + 1, limitedBy: rest.endIndex)
    guard
      let place = rest[start..<max(start, end ?? rest.endIndex)].lastIndex(of: " ")
        ?? rest[start...].firstIndex(of: " ")
    else { break }
    lines.append(String(rest[..<place]))
    rest = indent + rest[place...].drop { $0 == " " }
  }
  return lines + [rest]
}

/// A text in lines of at most `width` characters, broken at blanks; a longer word has its own line.
package func wrapped(_ text: String, width: Int) -> [String] {
  var lines = [""]
  for word in text.split(separator: " ") {
    let line = lines[lines.count - 1]
    if line.isEmpty {
      lines[lines.count - 1] = String(word)
    } else if line.count + 1 + word.count <= width {
      lines[lines.count - 1] = line + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}
