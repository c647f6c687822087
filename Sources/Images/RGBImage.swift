/// A color of 8 bits a channel.
package struct RGBColor: Equatable, Sendable {
  package var red, green, blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  package static let black = RGBColor(0, 0, 0)
  package static let white = RGBColor(255, 255, 255)
}

/// An image that owns its pixels: interleaved R, G, B, rows without padding.
package struct RGBImage: Equatable, Sendable {
  package let width: Int
  package let height: Int
  /// `3 * width * height` bytes.
  package var pixels: [UInt8]

  /// An image of one color.
  package init(width: Int, height: Int, color: RGBColor = .black) {
    precondition(width > 0 && height > 0, "an image has at least one pixel")
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: color.red, count: 3 * width * height)
    if color.green != color.red || color.blue != color.red {
      for i in 0..<(width * height) {
        pixels[3 * i + 1] = color.green
        pixels[3 * i + 2] = color.blue
      }
    }
  }

  /// A copy of decoded pixels.
  package init(_ view: RGBView) {
    width = view.width
    height = view.height
    pixels = Array(view.bytes)
  }

  /// A square from three planes of `size` times `size` bytes, as ``Resampler`` writes them.
  package init(planes: UnsafeBufferPointer<UInt8>, size: Int) {
    precondition(planes.count == 3 * size * size, "three planes of \(size)^2 bytes")
    self.init(width: size, height: size)
    for i in 0..<(size * size) {
      for channel in 0..<3 { pixels[3 * i + channel] = planes[channel * size * size + i] }
    }
  }

  /// The color at a place inside the image.
  package subscript(x: Int, y: Int) -> RGBColor {
    get {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "(\(x), \(y)) is outside")
      let i = 3 * (y * width + x)
      return RGBColor(pixels[i], pixels[i + 1], pixels[i + 2])
    }
    set {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "(\(x), \(y)) is outside")
      let i = 3 * (y * width + x)
      pixels[i] = newValue.red
      pixels[i + 1] = newValue.green
      pixels[i + 2] = newValue.blue
    }
  }

  /// Copies `image`, every pixel `magnification` squared times, with its corner at (x, y); what
  /// would lie outside is cut.
  package mutating func paste(_ image: RGBImage, x: Int, y: Int, magnification: Int = 1) {
    for targetY in max(y, 0)..<max(y, 0, min(height, y + image.height * magnification)) {
      for targetX in max(x, 0)..<max(x, 0, min(width, x + image.width * magnification)) {
        self[targetX, targetY] =
          image[
            (targetX - x) / magnification, (targetY - y) / magnification]
      }
    }
  }
}
