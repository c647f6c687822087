import Terminal

/// A labeled text of a summary, whole on a terminal of 80 columns: the text in a column of its own,
/// from the next line on where the label is too long.
func labeledLines(_ label: String, _ text: String) -> [String] {
  let width = 11
  let indent = String(repeating: " ", count: 2 + width)
  let lines = wrapped(visible(text), width: 79 - indent.count).map { indent + $0 }
  let start = "  " + visible(label)
  guard start.count < indent.count else { return [start] + lines }
  return [start.padded(to: indent.count) + lines[0].dropFirst(indent.count)] + lines.dropFirst()
}

/// - Parameter columns: the pipeline file's `columns:` section for columns that were guessed.
func guessLines(_ columns: String) -> [String] {
  labeledLines("columns", "guessed as below; to change them, put this into a --pipeline file")
    + columns.split(separator: "\n").map { "    " + visible(String($0)) }
}
