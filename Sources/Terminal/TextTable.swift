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

  /// Adds a row with one cell for every column.
  package mutating func append(_ row: [String]) {
    precondition(row.count == alignment.count, "a row has one cell for every column")
    rows.append(row)
  }

  /// The rows as lines, without blanks at their ends.
  package func lines() -> [String] {
    let widths = alignment.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += "  " }
        line +=
          alignment[column] == .left
          ? cell.padded(to: widths[column]) : cell.leftPadded(to: widths[column])
      }
      while line.last == " " { line.removeLast() }
      return line
    }
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
