import Images

/// Draws synthetic faces whose age, gender and race can be learned from the pixels.
///
/// ```swift
/// let painter = FacePainter()
/// var image = RGBImage(width: 200, height: 200)
/// painter.draw(FaceParameters(seed: 7, index: 0), into: &image)
/// ```
///
/// A pure function of the parameters, in integer and IEEE arithmetic only: the same pixels on every
/// machine. One painter belongs to one thread and keeps its canvas.
package final class FacePainter {
  /// Width and height of every drawing.
  package static let side = FaceCanvas.side

  let canvas = FaceCanvas()

  package init() {}

  /// Draws one face over a 200x200 image.
  package func draw(_ face: FaceParameters, into image: inout RGBImage) {
    let shape = FaceGeometry(face)
    canvas.fillGradient(top: face.background.top, bottom: face.background.bottom)
    canvas.setFrame(
      x: 100 + face.pose.x, y: 108 + face.pose.y, scale: 84 * face.pose.scale,
      tilt: face.pose.tilt)

    drawBackHair(face, shape)
    drawBody(face, shape)
    drawHead(face, shape)
    drawAge(face, shape)
    drawNose(face, shape)
    drawMouth(face, shape)
    drawBeard(face, shape)
    for side: Float in [-1, 1] { drawEye(face, shape, side: side) }
    drawFrontHair(face, shape)
    for side: Float in [-1, 1] { drawBrow(face, shape, side: side) }
    if face.glasses { drawGlasses(face, shape) }
    drawLight(face)

    let warm = Color(1 + face.warmth, 1, 1 - face.warmth) * face.exposure
    canvas.develop(
      gain: warm, noise: face.noise, noiseSeed: face.noiseSeed, into: &image)
  }

  /// A gradient over everything, from the side of the light to the other.
  private func drawLight(_ face: FaceParameters) {
    let contrast = face.light.contrast * 0.6
    let (x, y) = (face.light.x * contrast, face.light.y * contrast)
    canvas.shade(.everywhere) { u, v in limit(u * x + v * y + 1, 0.4, 1.6) }
  }
}
