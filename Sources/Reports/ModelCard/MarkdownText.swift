import Terminal

/// Markdown that is safe to put into a document: what is interpolated as a string is escaped, so that
/// a hostile class name shows as it is and does nothing.
///
/// ```swift
/// let row: MarkdownText = "| \(className) | 12 |"      // "a|b" becomes "a\|b"
/// ```
struct MarkdownText: ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) {
    text = value
  }

  init(stringInterpolation: Interpolation) {
    text = stringInterpolation.text
  }

  static func += (left: inout MarkdownText, right: MarkdownText) {
    left.text += right.text
  }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity)
    }

    /// The literal parts are ours.
    mutating func appendLiteral(_ literal: String) {
      text += literal
    }

    mutating func appendInterpolation(_ string: String) {
      text += escapedMarkdown(string)
    }

    mutating func appendInterpolation(_ markdown: MarkdownText) {
      text += markdown.text
    }

    /// Pieces one after the other.
    mutating func appendInterpolation(_ pieces: some Sequence<MarkdownText>) {
      for piece in pieces { text += piece.text }
    }
  }
}

extension MarkdownText {
  /// A table of plain cells, followed by an empty line.
  ///
  /// - Parameter numbers: whether all columns but the first are aligned to the right.
  static func table(_ header: [String], _ rows: [[String]], numbers: Bool = false) -> MarkdownText {
    func row(_ cells: [String]) -> MarkdownText {
      "|\(cells.map { " \($0) |" as MarkdownText })\n"
    }
    let rule = header.indices.map { numbers && $0 > 0 ? "--:|" : "---|" as MarkdownText }
    return "\(row(header))|\(rule)\n\(rows.map(row))\n"
  }
}
