import Images
import Testing

@Suite struct MeasurerTests {
  private func measure(_ width: Int, _ height: Int, _ color: (Int, Int) -> RGBColor)
    -> ImageMeasures
  {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height { for x in 0..<width { image[x, y] = color(x, y) } }
    return image.pixels.withUnsafeBufferPointer {
      ImageMeasurer().measure(
        RGBView(pixels: $0.baseAddress!, width: width, height: height))
    }
  }

  @Test(arguments: [(1, 1), (3, 2), (16, 16), (17, 40), (200, 200), (90, 4200), (5000, 3)])
  func oneColor(width: Int, height: Int) {
    let gray = measure(width, height) { _, _ in RGBColor(100, 100, 100) }
    #expect(gray.width == width && gray.height == height)
    #expect(gray.brightness == 100 * 256)
    #expect(gray.contrast == 0 && gray.sharpness == 0 && gray.colorfulness == 0)
    let white = measure(width, height) { _, _ in .white }
    #expect(white.brightness == 255 * 256)
    let red = measure(width, height) { _, _ in RGBColor(255, 0, 0) }
    // Mean opponent colors 255 and 127.5: 0.3 · √(255² + 127.5²) = 85.5.
    #expect(abs(Int(red.colorfulness) - 85 * 256 - 137) < 8)
  }

  @Test func halvesAndEdges() {
    let halves = measure(200, 100) { x, _ in x < 100 ? .black : .white }
    #expect(halves.brightness == 255 * 128)
    #expect(abs(Int(halves.contrast) - 255 * 128) <= 2)
    // Two of 198 columns have a Laplacian of ±255.
    let expected = 64 * 255 * (2.0 / 198).squareRoot()
    #expect(abs(Double(halves.sharpness) - expected) < 2)
    let stripes = measure(200, 100) { x, _ in x % 2 == 0 ? .black : .white }
    #expect(stripes.sharpness == 510 * 64)
    #expect(stripes.contrast < 4000)
  }

  /// Size and light hardly change the hash; another picture does.
  @Test func hashOfSimilarImages() {
    func wave(_ width: Int, _ height: Int, shift: Double, gain: Double) -> UInt64 {
      measure(width, height) { x, y in
        let (u, v) = (Double(x) / Double(width), Double(y) / Double(height))
        let value = 120 + gain * ((6 * u + shift) * (3 * v - 1) * (u - 0.4) + 3 * u * v)
        return RGBColor(UInt8(value), UInt8(value / 2), UInt8(value / 3))
      }.perceptualHash
    }
    let original = wave(200, 200, shift: 0, gain: 12)
    #expect(ImageMeasures.distance(original, wave(100, 100, shift: 0, gain: 12)) <= 10)
    #expect(ImageMeasures.distance(original, wave(200, 200, shift: 0, gain: 10)) <= 10)
    #expect(ImageMeasures.distance(original, wave(200, 200, shift: 40, gain: 1)) > 10)
  }
}
