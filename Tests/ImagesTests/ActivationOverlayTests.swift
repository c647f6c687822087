import Images
import Testing

@Suite struct ActivationOverlayTests {
  @Test func whatMattersNotShowsTheImage() {
    let image = WriterTests.picture(width: 3, height: 2)
    var large = RGBImage(width: 6, height: 4)
    large.paste(image, x: 0, y: 0, magnification: 2)
    for value in [Float](arrayLiteral: 0, .nan) {
      let overlay = ActivationOverlay(map: [value, 0, 0, 0], height: 2, width: 2)
      #expect(overlay.over(image, magnification: 2) == large)
    }
  }

  /// Bilinear as PyTorch's `interpolate(align_corners=False)`: [0, 1] over four pixels is 0, 0.25,
  /// 0.75, 1.
  @Test func colorsGrowBetweenTheMapsPixels() {
    let black = RGBImage(width: 4, height: 1)
    let picture = ActivationOverlay(map: [0, 7], height: 1, width: 2).over(black)
    #expect(
      (0..<4).map { picture[$0, 0] } == [
        RGBColor(0, 0, 0), RGBColor(41, 31, 16), RGBColor(111, 22, 16), RGBColor(123, 0, 25),
      ])
    let turned = ActivationOverlay(map: [0, 7], height: 2, width: 1)
      .over(RGBImage(width: 1, height: 4))
    #expect(turned.pixels == picture.pixels)
  }
}
