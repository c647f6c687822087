import Terminal

/// Lines of a report for people: whole on a terminal of 80 columns, labels in a column of their own.
struct LabeledLines {
  private(set) var lines: [String]

  init(_ title: String) { lines = [title] }

  /// - Parameter label: empty for more about what is above.
  mutating func add(_ label: String, _ text: String) {
    for (index, line) in wrapped(visible(text), width: 79 - 13).enumerated() {
      lines.append("  \((index == 0 ? label : "").padded(to: 11))\(line)")
    }
  }

  /// - Parameter section: the pipeline file's `columns:` for columns that were guessed.
  mutating func add(guessedColumns section: String) {
    add("columns", "guessed as below; to change them, put this into a --pipeline file")
    lines += section.split(separator: "\n").map { "    " + visible(String($0)) }
  }
}
