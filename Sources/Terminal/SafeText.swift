/// Text from outside (a file's name, an argument, a value in a file) made safe for where it goes.
///
/// | it goes to | function |
/// |---|---|
/// | a line on a terminal or in a message | `visible`, `quoted` |
/// | a text of several lines of our own | `visibleLines` |
/// | a JSON string, a JSON document | `jsonString`, `escapedJSON` |
/// | HTML or SVG | `escapedHTML` |
/// | Markdown | `escapedMarkdown` |
/// | a field of CSV | `csvField` |

/// The text on one line: what could break the line, move a terminal's cursor or turn the direction
/// of the text around it appears as `\u{1b}`, and a long text is cut.
package func visible(_ text: String, limit: Int = 10_000) -> String {
  var result = String.UnicodeScalarView()
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == limit { return String(result) + "…" }
    if isUnsafe(scalar) {
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    } else {
      result.append(scalar)
    }
  }
  return String(result)
}

/// A name or value in double quotes, as a message shows it.
package func quoted(_ text: String, limit: Int = 80) -> String {
  "\"\(visible(text, limit: limit))\""
}

/// A text whose line feeds are our own; everything else is as in `visible`.
package func visibleLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { visible(String($0)) }
    .joined(separator: "\n")
}

/// A string as JSON, with its quotation marks (RFC 8259, section 7). Only what must be escaped is.
package func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{8}": result += "\\b"
    case "\u{C}": result += "\\f"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\u{0}"..<"\u{20}": result += jsonEscape(scalar)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// A JSON document with the same meaning that is safe on a terminal: JSON itself lets pass what
/// steers one (DEL, the C1 controls, marks of direction). Such a character can only be part of a
/// string, where an escape means the same.
package func escapedJSON(_ document: String) -> String {
  guard document.unicodeScalars.contains(where: { $0 != "\n" && isUnsafe($0) }) else {
    return document
  }
  var result = ""
  for scalar in document.unicodeScalars {
    if scalar != "\n", isUnsafe(scalar) {
      result += jsonEscape(scalar)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func jsonEscape(_ scalar: Unicode.Scalar) -> String {
  String(scalar).utf16.map { unit in
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }.joined()
}

/// Replaces what HTML gives a meaning, also inside quotes, and the control characters, which it
/// allows nowhere.
package func escapedHTML(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}": result += "\u{FFFD}"
    // Marks that turn the direction of the text around them could make a name read as another.
    case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The text on one line of Markdown, also in a cell of a table, where none of its characters has a
/// meaning: no tag, no link, no emphasis (CommonMark, "Backslash escapes").
///
/// What means something only at the start of a line, such as `-`, stays: put a word before it.
package func escapedMarkdown(_ text: String) -> String {
  let plain = Set(" ,-/%'\"()+=;?.:".unicodeScalars)
  var result = ""
  for scalar in visible(text).unicodeScalars {
    let isWord = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    if scalar.isASCII, !isWord, !plain.contains(scalar) || beginsLink(scalar, after: result) {
      result += "\\"
    }
    result.unicodeScalars.append(scalar)
  }
  return result
}

/// Whether GitHub's Markdown takes a plain text for a link from this character on: `https://x`,
/// `mailto:x`, `www.x`.
private func beginsLink(_ scalar: Unicode.Scalar, after text: String) -> Bool {
  let before = text.suffix(6).lowercased()
  return switch scalar {
  case ".": before.hasSuffix("www")
  case ":": ["http", "https", "ftp", "mailto", "xmpp"].contains { before.hasSuffix($0) }
  default: false
  }
}

/// A field of comma-separated values (RFC 4180), in quotes where it needs them.
package func csvField(_ text: String) -> String {
  let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
  guard text.unicodeScalars.contains(where: special.contains) else { return text }
  return "\"" + text.replacing("\"", with: "\"\"") + "\""
}

/// Whether a character could break a line or steer a terminal. Most text is ASCII, whose
/// properties need no look-up.
private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.value < 0x7F { return scalar.value < 0x20 }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: return true
  default: return false
  }
}
