import Terminal

/// HTML or SVG text that is safe to put into a page: what is interpolated as a string is escaped,
/// so a hostile file name shows as it is and does nothing.
///
/// ```swift
/// let cell: Markup = "<td>\(fileName)</td>"      // "<b>" becomes "&lt;b&gt;"
/// ```
struct Markup: ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) {
    text = value
  }

  init(stringInterpolation: Interpolation) {
    text = stringInterpolation.text
  }

  static func += (left: inout Markup, right: Markup) {
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
      text += escapedHTML(string)
    }

    mutating func appendInterpolation(_ number: Int) {
      text += String(number)
    }

    mutating func appendInterpolation(_ markup: Markup) {
      text += markup.text
    }

    /// A coordinate or length in a drawing.
    mutating func appendInterpolation(at coordinate: Double) {
      text += NumberText.coordinate(coordinate)
    }

    /// Pieces one after the other.
    mutating func appendInterpolation(_ pieces: some Sequence<Markup>) {
      for piece in pieces { text += piece.text }
    }
  }
}
