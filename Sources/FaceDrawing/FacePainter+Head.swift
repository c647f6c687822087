/// Hair, body and head: what a face looks like from far away.
extension FacePainter {
  typealias Lanes = FaceCanvas.Lanes
  typealias Region = FaceCanvas.Region

  /// Long hair hangs behind head and neck.
  func drawBackHair(_ face: FaceParameters, _ shape: FaceGeometry) {
    guard face.hairLength > 0.9, face.hairline > 0.2 else { return }
    let length = min(face.hairLength, 3)
    let width = shape.headWidth + face.hairVolume + 0.05 + 0.05 * length
    let bottom = 0.1 + 0.42 * length
    let top = FaceGeometry.craniumV - shape.craniumHeight - face.hairVolume
    let color = face.hair * 0.8
    // Upper half an ellipse, lower half straight with round ends.
    canvas.paint(Region(left: -width, top: top, right: width, bottom: bottom + 0.1), color) {
      [canvas] u, v in
      let dome = canvas.ellipse(
        u, v, center: (0, FaceGeometry.craniumV + 0.1),
        radius: (width, FaceGeometry.craniumV + 0.1 - top))
      let t = u * (1 / width)
      let side = limit((1 - t * t) * (canvas.scale * width / 2) + 0.5, 0, 1)
      let end = limit((bottom - 0.12 * t * t - v) * (canvas.scale / 3) + 0.5, 0, 1)
      let below = v .> FaceGeometry.craniumV + 0.1
      return dome.replacing(with: smaller(side, end), where: below)
    }
  }

  func drawBody(_ face: FaceParameters, _ shape: FaceGeometry) {
    let neck = 0.30 + 0.10 * (shape.jawWidth - 0.5) + (face.gender == 0 ? 0.05 : 0)
    canvas.paintEllipse(
      face.skin * 0.74, u: 0, v: 1.0, width: neck * (1 - 0.2 * shape.child), height: 0.52,
      softness: 2)
    let shoulders = (face.gender == 0 ? 1.45 : 1.22) * (1 - 0.15 * shape.child)
    canvas.paintEllipse(
      face.clothes, u: 0, v: 1.62, width: Float(shoulders), height: 0.62, softness: 1.5)
    canvas.paintEllipse(
      face.skin * 0.80, u: 0, v: 1.03, width: neck * 0.8, height: 0.13, softness: 2)
  }

  func drawHead(_ face: FaceParameters, _ shape: FaceGeometry) {
    for side: Float in [-1, 1] {
      canvas.paintEllipse(
        face.skin * 0.88, u: side * (shape.headWidth - 0.01), v: shape.eyeV + 0.16, width: 0.085,
        height: 0.17, softness: 1.5)
      canvas.paintEllipse(
        face.skin * 0.66, u: side * (shape.headWidth + 0.005), v: shape.eyeV + 0.16, width: 0.04,
        height: 0.10, opacity: 0.7, softness: 3)
    }
    let region = headRegion(shape)
    canvas.paint(region, face.skin) { [canvas] u, v in headCoverage(canvas, shape, u, v) }
    // Round shading: darker toward the edge and under the chin, lighter where light falls.
    let light = face.light
    canvas.shade(region) { [canvas] u, v in
      let inside = headCoverage(canvas, shape, u, v)
      let a = u * (1 / shape.headWidth)
      let b = (v - 0.05) * (1 / 0.95)
      let round = (a * a + b * b * 0.7) * 0.20
      let side = (a * light.x + b * light.y) * light.contrast
      return 1 + inside * (0.06 - round + side)
    }
    let blush = face.skin.mixed(with: Color(0.82, 0.28, 0.26), 0.32)
    for side: Float in [-1, 1] {
      canvas.paintEllipse(
        blush, u: side * 0.38, v: shape.noseV + 0.02, width: 0.19, height: 0.15,
        opacity: 0.30 + 0.25 * shape.child + (face.gender == 1 ? 0.12 : 0), softness: 14)
    }
  }

  func headRegion(_ shape: FaceGeometry) -> Region {
    let top = FaceGeometry.craniumV - shape.craniumHeight - 0.03
    return Region(
      left: -shape.headWidth - 0.03, top: top, right: shape.headWidth + 0.03,
      bottom: shape.chin + 0.03)
  }

  /// Hair on top and at the temples, behind a hairline that recedes.
  func drawFrontHair(_ face: FaceParameters, _ shape: FaceGeometry) {
    let thick = 0.25 + 0.75 * face.hairline
    let volume = (face.hairVolume + 0.015 * min(face.hairLength, 2)) * thick
    let width = shape.headWidth + volume
    let height = shape.craniumHeight + volume + 0.02
    // Bald on top, but hair stays at the sides.
    let forehead = -0.56 - 0.10 * face.hairline + shape.child * 0.04 - 0.62 * (1 - face.hairline)
    let sideburn = min(0.55, -0.12 + 0.27 * face.hairLength) + shape.eyeV
    let temple = 0.62 + 0.22 * (1 - face.hairline)
    let region = Region(
      left: -width - 0.02, top: FaceGeometry.craniumV - height - 0.02, right: width + 0.02,
      bottom: sideburn + 0.05)
    let babyHair = 0.35 + 0.65 * smoothStep(0.8, 3, Float(face.age))
    canvas.paint(region, face.hair) { [canvas] u, v in
      hairCoverage(
        canvas, u, v, width: width, height: height, forehead: forehead, sideburn: sideburn,
        temple: temple, part: face.hairPart) * babyHair
    }
    // Strands, and a band of gloss.
    let strand = face.race == 1 ? Float(23) : 13
    canvas.shade(region) { [canvas] u, v in
      let inside = hairCoverage(
        canvas, u, v, width: width, height: height, forehead: forehead, sideburn: sideburn,
        temple: temple, part: face.hairPart)
      let phase = u * strand + v * (face.race == 1 ? 19 : 4) + face.hairPart * 10
      let wave = magnitude(phase - phase.rounded(.down) - 0.5) * 2
      let gloss = limit(1 - magnitude(v + 0.68 - u * 0.15) * 5, 0, 1)
      return 1 + inside * (wave * 0.16 - 0.08 + gloss * 0.2)
    }
  }
}

/// A wide ellipse for the cranium joined to a narrow one for the jaw.
@inline(__always)
func headCoverage(
  _ canvas: FaceCanvas, _ shape: FaceGeometry, _ u: SIMD8<Float>, _ v: SIMD8<Float>
) -> SIMD8<Float> {
  let cranium = canvas.ellipse(
    u, v, center: (0, FaceGeometry.craniumV), radius: (shape.headWidth, shape.craniumHeight))
  let jaw = canvas.ellipse(
    u, v, center: (0, FaceGeometry.jawV), radius: (shape.jawWidth, shape.chin - FaceGeometry.jawV))
  let cheeks = canvas.ellipse(
    u, v, center: (0, 0.10), radius: (shape.headWidth * 0.93, 0.58))
  return larger(larger(cranium, jaw), cheeks)
}

@inline(__always)
private func hairCoverage(
  _ canvas: FaceCanvas, _ u: SIMD8<Float>, _ v: SIMD8<Float>, width: Float, height: Float,
  forehead: Float, sideburn: Float, temple: Float, part: Float
) -> SIMD8<Float> {
  let dome = canvas.ellipse(
    u, v, center: (0, FaceGeometry.craniumV), radius: (width, height))
  let t = u * (1 / width)
  let top = t * t * 0.14 + t * (part * 0.16) + forehead
  // Outside the temples hair reaches down to the sideburns.
  let ramp = limit((magnitude(t) - temple) * 3.2, 0, 1)
  let sideways = ramp * ramp * (3 - 2 * ramp)
  let line = top + (sideburn - top) * sideways
  return smaller(dome, limit((line - v) * (canvas.scale * 0.6) + 0.5, 0, 1))
}
