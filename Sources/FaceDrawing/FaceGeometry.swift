/// Where the parts of a face are, in face coordinates. Children have larger eyes that sit lower,
/// a short chin and round cheeks; men a wider and longer jaw; old faces hang.
struct FaceGeometry {
  let headWidth: Float
  let craniumHeight: Float
  let jawWidth: Float
  let chin: Float
  let eyeU: Float
  let eyeV: Float
  let eyeWidth: Float
  let eyeHeight: Float
  let browV: Float
  let noseV: Float
  let noseWidth: Float
  let mouthV: Float
  let mouthWidth: Float
  /// 1 for a baby, 0 from the teens on.
  let child: Float
  /// 0 until the late twenties, 1 at 85.
  let wrinkles: Float

  static let craniumV: Float = -0.16
  static let jawV: Float = 0.20

  init(_ face: FaceParameters) {
    let years = Float(face.age)
    child = 1 - smoothStep(1, 14, years)
    wrinkles = smoothStep(27, 85, years)
    let male = face.gender == 0 ? smoothStep(12, 20, years) : 0
    let old = smoothStep(50, 95, years)
    headWidth = 0.73 + 0.05 * child + 0.025 * male + face.fullness
    craniumHeight = 0.74 + 0.03 * child
    jawWidth = 0.57 + 0.12 * child + 0.085 * male + 1.3 * face.fullness
    chin = 0.86 + 0.07 * male - 0.10 * child + 0.03 * old
    eyeU = 0.305 + 0.02 * child
    eyeV = -0.08 + 0.16 * child
    eyeWidth = 0.125 + 0.04 * child
    eyeHeight = eyeWidth * face.eyeOpening
    browV = eyeV - 0.165 - 0.02 * child + 0.035 * male
    noseV = eyeV + 0.36 - 0.13 * child + 0.02 * old
    noseWidth = face.noseWidth * (1 - 0.25 * child) * (1 + 0.12 * male + 0.12 * old)
    mouthV = noseV + 0.225 - 0.05 * child
    mouthWidth = 0.235 - 0.05 * child + 0.015 * male + 0.03 * face.smile
  }
}
