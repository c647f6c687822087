/// A text from a file on one line: what could break the line or move a terminal's cursor is
/// replaced, and a long text is cut.
package func visible(_ text: String, limit: Int = 10_000) -> String {
  var result = String.UnicodeScalarView()
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == limit { return String(result) + "…" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
    default: result.append(scalar)
    }
  }
  return String(result)
}
