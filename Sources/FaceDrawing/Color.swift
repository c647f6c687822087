/// A color in 0...1 a channel; intermediate results may leave that range.
struct Color: Equatable, Sendable {
  static let white = Color(1, 1, 1)

  var red, green, blue: Float

  init(_ red: Float, _ green: Float, _ blue: Float) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  static func * (color: Color, factor: Float) -> Color {
    Color(color.red * factor, color.green * factor, color.blue * factor)
  }

  /// This color at 0, `other` at 1.
  func mixed(with other: Color, _ amount: Float) -> Color {
    Color(
      red + (other.red - red) * amount, green + (other.green - green) * amount,
      blue + (other.blue - blue) * amount)
  }
}

/// 0 up to `low`, 1 from `high` on, smooth between.
func smoothStep(_ low: Float, _ high: Float, _ x: Float) -> Float {
  let t = min(max((x - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}
