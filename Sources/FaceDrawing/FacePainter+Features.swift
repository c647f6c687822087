/// Eyes, brows, nose, mouth.
extension FacePainter {
  /// - Parameter side: -1 for the eye on the viewer's left, 1 for the right one.
  func drawEye(_ face: FaceParameters, _ shape: FaceGeometry, side: Float) {
    let u = side * shape.eyeU
    let v = shape.eyeV
    let width = shape.eyeWidth
    let height = shape.eyeHeight
    // The socket, then an almond: the part of the eyeball between two lids.
    canvas.paintEllipse(
      face.skin * 0.72, u: u, v: v - 0.02, width: width * 1.35, height: height + 0.07,
      opacity: 0.45, softness: 6)
    let slant = side * (face.race == 2 ? -0.022 : -0.006)
    let white = Color(0.93, 0.91, 0.89)
    let region = Region(u: u, v: v, width: width * 1.1, height: height * 1.3 + 0.03)
    canvas.paint(region, white) { [canvas] a, b in
      almond(canvas, a, b, u: u, v: v, width: width, height: height, slant: slant)
    }
    let radius = min(width * 0.50, height * 1.05 + 0.012)
    canvas.paint(region, face.iris) { [canvas] a, b in
      smaller(
        almond(canvas, a, b, u: u, v: v, width: width, height: height, slant: slant),
        canvas.ellipse(a, b, center: (u, v), radius: (radius, radius)))
    }
    canvas.paint(region, Color(0.03, 0.02, 0.02)) { [canvas] a, b in
      smaller(
        almond(canvas, a, b, u: u, v: v, width: width, height: height, slant: slant),
        canvas.ellipse(a, b, center: (u, v), radius: (radius * 0.48, radius * 0.48)))
    }
    canvas.paintEllipse(
      .white, u: u - radius * 0.3, v: v - radius * 0.35, width: 0.018, height: 0.018,
      opacity: 0.9)
    let lashes = face.gender == 1 ? 0.021 : 0.012
    canvas.paintStroke(
      Color(0.10, 0.06, 0.05), u: u, v: v - height, width: width * 1.12,
      thickness: Float(lashes), bend: height, slope: slant, opacity: 0.9)
    canvas.paintStroke(
      face.skin * 0.55, u: u, v: v + height, width: width, thickness: 0.006, bend: -height,
      slope: slant, opacity: 0.6)
    if face.race != 2 {
      canvas.paintStroke(
        face.skin * 0.6, u: u, v: v - height - 0.04, width: width, thickness: 0.007, bend: height,
        slope: slant, opacity: 0.7)
    }
  }

  func drawBrow(_ face: FaceParameters, _ shape: FaceGeometry, side: Float) {
    let thickness: Float = face.gender == 0 ? 0.034 : 0.019
    let color = face.hair.mixed(with: Color(0.12, 0.08, 0.06), 0.35)
    canvas.paintStroke(
      color, u: side * shape.eyeU * 1.03, v: shape.browV - (face.gender == 1 ? 0.03 : 0),
      width: shape.eyeWidth * 1.45, thickness: thickness * (1 - 0.45 * shape.child),
      bend: face.gender == 1 ? 0.065 : 0.04, slope: side * 0.012,
      opacity: 0.85 - 0.4 * shape.child, softness: 1.6)
  }

  func drawNose(_ face: FaceParameters, _ shape: FaceGeometry) {
    let dark = face.skin * 0.60
    let width = shape.noseWidth
    let v = shape.noseV
    let shadowSide: Float = face.light.x > 0 ? -1 : 1
    // The ridge: lit in the middle, dark on the side away from the light.
    canvas.paintEllipse(
      dark, u: shadowSide * width * 0.55, v: v - 0.15, width: 0.045, height: 0.20,
      opacity: 0.32 * (1 - 0.5 * shape.child), softness: 4)
    canvas.paintEllipse(
      face.skin * 1.14, u: -shadowSide * 0.012, v: v - 0.12, width: 0.035, height: 0.19,
      opacity: 0.5, softness: 4)
    canvas.paintEllipse(
      face.skin * 1.06, u: 0, v: v - 0.015, width: width * 0.62, height: 0.075, opacity: 0.7,
      softness: 4)
    for side: Float in [-1, 1] {
      canvas.paintEllipse(
        face.skin * 0.86, u: side * width * 0.78, v: v, width: width * 0.34, height: 0.058,
        opacity: 0.8, softness: 2.5)
      canvas.paintEllipse(
        face.skin * 0.32, u: side * width * 0.46, v: v + 0.038, width: width * 0.24,
        height: 0.021, opacity: 0.85, softness: 1.5)
    }
    canvas.paintStroke(
      dark, u: 0, v: v + 0.062, width: width * 1.15, thickness: 0.012, bend: -0.035, opacity: 0.5,
      softness: 2)
  }

  func drawMouth(_ face: FaceParameters, _ shape: FaceGeometry) {
    let natural = face.skin.mixed(with: Color(0.62, 0.24, 0.24), 0.48) * 0.92
    let lips = natural.mixed(with: Color(0.78, 0.10, 0.16), face.lipstick)
    let v = shape.mouthV
    let width = shape.mouthWidth
    let full = 0.046 * face.lipFullness
    let bend = -0.055 * face.smile
    canvas.paintStroke(
      lips * 0.88, u: 0, v: v - full * 0.35 - bend * 0.4, width: width, thickness: full * 0.85,
      bend: bend)
    canvas.paintStroke(
      lips * 1.06, u: 0, v: v + full * 0.65 - bend * 0.4, width: width * 0.86,
      thickness: full * 1.1, bend: bend * 0.9)
    if face.smile > 0.6 {
      canvas.paintStroke(
        Color(0.94, 0.93, 0.90), u: 0, v: v - bend * 0.4, width: width * 0.8,
        thickness: 0.05 * (face.smile - 0.35), bend: bend)
    } else {
      canvas.paintStroke(
        Color(0.22, 0.08, 0.08), u: 0, v: v - bend * 0.4, width: width * 1.04, thickness: 0.010,
        bend: bend, opacity: 0.9)
    }
    canvas.paintStroke(
      face.skin * 0.68, u: 0, v: v + full * 2.2 + 0.035, width: width * 0.55, thickness: 0.018,
      bend: -0.01, opacity: 0.45, softness: 4)
  }

  func drawGlasses(_ face: FaceParameters, _ shape: FaceGeometry) {
    let frame = Color(0.10, 0.09, 0.10)
    let (rx, ry) = (Float(0.225), Float(0.165))
    for side: Float in [-1, 1] {
      let u = side * (shape.eyeU + 0.01)
      let v = shape.eyeV + 0.02
      canvas.paint(Region(u: u, v: v, width: rx + 0.03, height: ry + 0.03), frame) {
        [canvas] a, b in
        let outer = canvas.ellipse(a, b, center: (u, v), radius: (rx, ry))
        let inner = canvas.ellipse(a, b, center: (u, v), radius: (rx - 0.028, ry - 0.028))
        return (outer - inner) * 0.9 + inner * 0.06
      }
      canvas.paintStroke(
        frame, u: side * (shape.headWidth + shape.eyeU + rx) / 2, v: v - 0.04,
        width: max(0.03, (shape.headWidth - shape.eyeU - rx) / 2 + 0.03), thickness: 0.016,
        bend: 0, opacity: 0.9)
    }
    canvas.paintStroke(
      frame, u: 0, v: shape.eyeV, width: 0.12, thickness: 0.018, bend: 0.03, opacity: 0.9)
  }
}

/// An ellipse between two lids, slanted.
@inline(__always)
private func almond(
  _ canvas: FaceCanvas, _ a: SIMD8<Float>, _ b: SIMD8<Float>, u: Float, v: Float, width: Float,
  height: Float, slant: Float
) -> SIMD8<Float> {
  let t = (a - u) * (1 / width)
  let opening = larger(1 - t * t, SIMD8()) * height
  let distance = opening - magnitude(b - v - t * slant)
  return limit(distance * canvas.scale + 0.5, 0, 1)
}
