/// What years and beards leave on a face.
extension FacePainter {
  func drawAge(_ face: FaceParameters, _ shape: FaceGeometry) {
    let amount = shape.wrinkles
    let line = face.skin * 0.52
    let eyeU = shape.eyeU
    let eyeV = shape.eyeV
    for side: Float in [-1, 1] {
      // Bags under the eyes, and the fold from nose to mouth that hardly any adult lacks.
      canvas.paintEllipse(
        face.skin * 0.68, u: side * eyeU, v: eyeV + shape.eyeHeight + 0.06, width: 0.15,
        height: 0.05, opacity: 0.10 + 0.45 * amount, softness: 4)
      let fold = 0.10 + 0.75 * amount - 0.1 * shape.child
      canvas.paintEllipse(
        face.skin * 0.66, u: side * (shape.noseWidth + 0.085), v: shape.noseV + 0.12,
        width: 0.026, height: 0.14, opacity: max(0, fold) * 0.75, softness: 2.5)
      guard amount > 0.02 else { continue }
      for crease in 0..<3 {
        let step = Float(crease) - 1
        canvas.paintStroke(
          line, u: side * (eyeU + 0.225), v: eyeV + 0.02 + step * 0.055, width: 0.075,
          thickness: 0.011, bend: 0.01, slope: side * step * 0.028, opacity: amount * 0.85)
      }
      canvas.paintStroke(
        line, u: side * eyeU, v: eyeV + shape.eyeHeight + 0.105, width: 0.14, thickness: 0.012,
        bend: -0.03, opacity: amount * 0.75)
      canvas.paintEllipse(
        face.skin * 0.70, u: side * 0.40, v: shape.mouthV + 0.02, width: 0.07, height: 0.22,
        opacity: 0.5 * smoothStep(0.35, 1, amount), softness: 7)
    }
    guard amount > 0.02 else { return }
    for crease in 0..<4 {
      let v = shape.browV - 0.10 - 0.085 * Float(crease)
      canvas.paintStroke(
        line, u: 0, v: v, width: 0.42 - 0.03 * Float(crease), thickness: 0.014, bend: 0.035,
        opacity: amount * 0.85, softness: 1.5)
    }
    for side: Float in [-1, 1] {
      canvas.paintEllipse(
        line, u: side * 0.035, v: shape.browV + 0.03, width: 0.010, height: 0.055,
        opacity: amount * 0.8, softness: 1.5)
    }
    if face.age > 55 {
      // Spots, at places that the noise seed chooses.
      var random = RandomSource(seed: UInt64(face.noiseSeed), stream: 1)
      for _ in 0..<(face.age - 50) / 4 {
        canvas.paintEllipse(
          face.skin * 0.62, u: random.uniform(-0.6...0.6), v: random.uniform(-0.6...0.5),
          width: random.uniform(0.012...0.03), height: random.uniform(0.012...0.026),
          opacity: 0.5, softness: 1.5)
      }
    }
  }

  func drawBeard(_ face: FaceParameters, _ shape: FaceGeometry) {
    guard face.beard > 0.02 || face.moustache > 0.02 else { return }
    let color = face.hair.mixed(with: Color(0.10, 0.08, 0.07), 0.2)
    if face.beard > 0.02 {
      let mouth = shape.mouthV
      let region = Region(
        left: -shape.headWidth, top: shape.noseV - 0.1, right: shape.headWidth,
        bottom: shape.chin + 0.04)
      let strength = face.beard * 0.9
      canvas.paint(region, color) { [canvas] u, v in
        let inside = headCoverage(canvas, shape, u, v)
        // Above this curve the cheeks are bare.
        let t = u * (1 / shape.jawWidth)
        let line = mouth + 0.10 - t * t * 0.34
        let below = limit((v - line) * (canvas.scale / 5) + 0.5, 0, 1)
        let lips = canvas.ellipse(
          u, v, center: (0, mouth + 0.01), radius: (shape.mouthWidth, 0.085), softness: 2)
        return inside * below * (1 - lips) * strength
      }
    }
    if face.moustache > 0.02 {
      canvas.paintStroke(
        color, u: 0, v: (shape.noseV + shape.mouthV) / 2 + 0.02, width: shape.mouthWidth * 1.05,
        thickness: 0.048, bend: 0.055, opacity: face.moustache * 0.9, softness: 2)
    }
  }
}
