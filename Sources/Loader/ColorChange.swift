/// Factors of an image's brightness and contrast, in this order, as Pillow's `ImageEnhance` applies
/// them.
package struct ColorChange: Equatable, Sendable {
  package let brightness: Float
  package let contrast: Float

  package static let none = ColorChange(brightness: 1, contrast: 1)

  package init(brightness: Float, contrast: Float) {
    self.brightness = brightness
    self.contrast = contrast
  }

  /// Changes an image: brightness moves every value away from or towards 0, contrast away from or
  /// towards the image's mean gray.
  ///
  /// Every value becomes what a table of 256 says, so the cost does not depend on what is done.
  ///
  /// - Parameters:
  ///   - pixels: planar uint8, as many as the shape has; `target` likewise.
  func apply(
    to pixels: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, shape: ImageShape
  ) {
    var table = (0...255).map { Self.blend(0, UInt8($0), brightness) }
    if contrast != 1 {
      let gray = table.withUnsafeBufferPointer { Self.meanGray(pixels, shape, $0) }
      table = table.map { Self.blend(gray, $0, contrast) }
    }
    // SAFETY: 256 entries for a byte.
    table.withUnsafeBufferPointer { table in
      for index in 0..<shape.elementCount { target[index] = table[Int(pixels[index])] }
    }
  }

  /// `Image.blend`: from `base` at 0 through `value` at 1, cut off to a byte.
  private static func blend(_ base: UInt8, _ value: UInt8, _ factor: Float) -> UInt8 {
    if factor == 1 { return value }
    let mixed = Float(base) + factor * (Float(value) - Float(base))
    return UInt8(min(max(mixed, 0), 255))
  }

  /// The mean of Pillow's mode L (ITU-R 601-2), rounded; of an image that does not have three
  /// channels, the mean of all values.
  private static func meanGray(
    _ pixels: UnsafePointer<UInt8>, _ shape: ImageShape, _ table: UnsafeBufferPointer<UInt8>
  ) -> UInt8 {
    let plane = shape.height * shape.width
    var sum = 0
    guard shape.channels == 3 else {
      for index in 0..<shape.elementCount { sum += Int(table[Int(pixels[index])]) }
      return UInt8((2 * sum + shape.elementCount) / (2 * shape.elementCount))
    }
    for index in 0..<plane {
      let red = Int(table[Int(pixels[index])])
      let green = Int(table[Int(pixels[plane + index])])
      let blue = Int(table[Int(pixels[2 * plane + index])])
      sum += (19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16
    }
    return UInt8((2 * sum + plane) / (2 * plane))
  }
}
