/// Why a model file could not be read or written: one line that names the file, the place in it,
/// what was expected and what was found.
package struct ModelFileError: Error, Equatable, CustomStringConvertible {
  package let path: String
  package let message: String

  package init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  package var description: String { "\(printable(path, limit: 400)): \(message)" }
}

/// A text from a file, in quotes and safe to print: control characters escaped, long text cut.
func quoted(_ text: String, limit: Int = 80) -> String {
  "\"\(printable(text, limit: limit))\""
}

/// Replaces what could move a terminal's cursor or break a one-line message, and cuts long text.
func printable(_ text: String, limit: Int) -> String {
  var result = ""
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < limit else { return result + "…" }
    count += 1
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
      .privateUse:
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}
