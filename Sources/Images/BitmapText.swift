/// Writes printable ASCII in a built-in font of 5x7 pixels, for labels on contact sheets.
package enum BitmapText {
  /// Pixels from one character to the next.
  package static let advance = 6
  /// Pixels from one line to the next.
  package static let lineHeight = 9
  private static let glyphWidth = 5
  private static let glyphHeight = 7

  /// The width of `text` in pixels, without the gap behind its last character.
  package static func width(of text: String, scale: Int = 1) -> Int {
    text.isEmpty ? 0 : (text.unicodeScalars.count * advance - 1) * scale
  }

  /// Draws one line of text; what lies outside the image is cut.
  ///
  /// - Parameters:
  ///   - text: characters outside printable ASCII appear as "?".
  ///   - x: the left edge of the first character.
  ///   - y: its top.
  ///   - scale: the size of a font pixel.
  package static func draw(
    _ text: String, into image: inout RGBImage, x: Int, y: Int, color: RGBColor = .white,
    scale: Int = 1
  ) {
    precondition(scale > 0, "a font pixel has a size")
    var left = x
    for scalar in text.unicodeScalars {
      let code = (32...126).contains(scalar.value) ? Int(scalar.value) : 63
      for column in 0..<glyphWidth {
        let bits = BitmapFont.columns[(code - 32) * glyphWidth + column]
        for row in 0..<glyphHeight where bits >> UInt8(row) & 1 != 0 {
          fill(
            &image, x: left + column * scale, y: y + row * scale, size: scale, color: color)
        }
      }
      left += advance * scale
    }
  }

  private static func fill(
    _ image: inout RGBImage, x: Int, y: Int, size: Int, color: RGBColor
  ) {
    for pixelY in max(y, 0)..<max(y, 0, min(y + size, image.height)) {
      for pixelX in max(x, 0)..<max(x, 0, min(x + size, image.width)) {
        image[pixelX, pixelY] = color
      }
    }
  }
}
