/// Who is drawn: the three labels, and everything that varies besides them.
///
/// Labels and variations are a pure function of (seed, index). What shows a label overlaps between
/// its values, as in real faces: skin tones of neighboring races, men with long hair, people who
/// turn gray early or never.
package struct FaceParameters: Equatable, Sendable {
  /// Years, 1...116.
  package let age: Int
  /// 0 male, 1 female.
  package let gender: Int
  /// 0 White, 1 Black, 2 Asian, 3 Indian, 4 others.
  package let race: Int

  var skin: Color
  var hair: Color
  /// 0 none left … 1 full; where the hairline is.
  var hairline: Float
  /// 0 cropped, 1 short, 2 to the chin, 3 to the shoulders.
  var hairLength: Float
  var hairVolume: Float
  var hairPart: Float
  var iris: Color
  /// Height of the opening over its width.
  var eyeOpening: Float
  var noseWidth: Float
  var lipFullness: Float
  var lipstick: Float
  var smile: Float
  /// 0 shaved, 0.5 stubble, 1 full.
  var beard: Float
  var moustache: Float
  var glasses: Bool
  var fullness: Float
  var background: (top: Color, bottom: Color)
  var clothes: Color
  /// Where light comes from, -1...1 each way, and how strong its gradient is.
  var light: (x: Float, y: Float, contrast: Float)
  var exposure: Float
  var warmth: Float
  var noise: Float
  var noiseSeed: UInt32
  /// Pixels, pixels, radians, factor.
  var pose: (x: Float, y: Float, tilt: Float, scale: Float)

  package static func == (a: FaceParameters, b: FaceParameters) -> Bool {
    // Everything else follows from the same stream of numbers as the noise seed.
    a.age == b.age && a.gender == b.gender && a.race == b.race && a.noiseSeed == b.noiseSeed
      && a.pose == b.pose && a.skin == b.skin
  }

  /// The face number `index` of the data set `seed`.
  package init(seed: UInt64, index: Int) {
    var random = RandomSource(seed: seed, stream: UInt64(bitPattern: Int64(index)))
    self.init(
      age: Self.drawAge(&random), gender: random.chance(0.48) ? 1 : 0,
      race: random.choose([0.42, 0.19, 0.15, 0.17, 0.07]), random: &random)
  }

  /// A face with given labels; `variation` chooses everything else.
  package init(age: Int, gender: Int, race: Int, variation: UInt64) {
    precondition((1...116).contains(age), "age \(age) is not 1...116")
    precondition((0...1).contains(gender), "gender \(gender) is not 0 or 1")
    precondition((0...4).contains(race), "race \(race) is not 0...4")
    var random = RandomSource(seed: variation, stream: 0)
    self.init(age: age, gender: gender, race: race, random: &random)
  }

  /// A mixture like UTKFace's: small children, some youth, a peak in the twenties, a long tail.
  private static func drawAge(_ random: inout RandomSource) -> Int {
    let age =
      switch random.choose([0.12, 0.09, 0.44, 0.24, 0.11]) {
      case 0: random.uniform(1...9.9)
      case 1: random.uniform(10...19.9)
      case 2: random.normal(28, 5)
      case 3: random.normal(46, 8)
      default: random.normal(72, 11)
      }
    return Int(min(max(age, 1), 116))
  }

  private init(age: Int, gender: Int, race: Int, random: inout RandomSource) {
    self.age = age
    self.gender = gender
    self.race = race
    let years = Float(age)
    let isMale = gender == 0
    let adult = smoothStep(12, 19, years)
    let old = smoothStep(45, 90, years)

    let tones = Traits.skin
    let neighbor = random.choose([1, 1, 1, 1, 1])
    skin = tones[race].mixed(with: tones[neighbor], random.uniform(0...0.16))
    skin = skin * random.normal(1, 0.06)
    let gray = smoothStep(36, 76, years + random.normal(0, 7)) * (random.chance(0.1) ? 0.4 : 1)
    let colors = Traits.hair[race]
    hair = colors.colors[random.choose(colors.weights)] * random.uniform(0.8...1.25)
    hair = hair.mixed(with: Color(0.80, 0.80, 0.81), gray * 0.95)
    let receding = isMale ? smoothStep(28, 80, years + random.normal(0, 14)) : 0.25 * old
    hairline = (1 - 0.85 * receding) * (0.25 + 0.75 * smoothStep(0.5, 3, years))
    let length = isMale ? (random.chance(0.06) ? 2.2 : 0.6) : (random.chance(0.16) ? 1.1 : 2.5)
    hairLength = max(
      0.2,
      (Float(length) + random.normal(0, 0.35) - (isMale ? 0 : 0.7 * old))
        * (0.35 + 0.65 * smoothStep(1, 7, years)))
    hairVolume = random.normal(race == 1 ? 0.10 : 0.05, 0.025) * (1 - 0.4 * old)
    hairPart = random.uniform(-0.5...0.5)
    iris = Traits.irises[race][random.choose([0.5, 0.3, 0.2])]
    eyeOpening = max(
      0.22,
      (race == 2 ? 0.36 : 0.52) + random.normal(0, 0.045) - 0.10 * old
        + 0.08 * (1 - smoothStep(3, 12, years)))
    noseWidth = Traits.noseWidths[race] * random.normal(1, 0.08)
    lipFullness = Traits.lipFullness[race] * random.normal(1, 0.1) * (1 - 0.4 * old)
    lipstick = isMale ? 0 : adult * random.uniform(0.15...0.95)
    smile = random.uniform(-0.2...1)
    let grows = isMale ? adult * (race == 2 ? 0.5 : 1) : 0
    let style = random.choose([0.42, 0.22, 0.22, 0.14])
    beard = grows * (style == 1 ? 0.45 : style == 2 ? random.uniform(0.7...1) : 0.1)
    moustache = grows * (style == 3 ? random.uniform(0.6...1) : style == 0 ? 0.1 : 0.8) * 0.9
    glasses = random.chance(0.06 + 0.16 * smoothStep(25, 60, years))
    fullness = random.normal(0, 0.03) + 0.05 * (1 - smoothStep(2, 11, years))

    let backdrop = Color(random.uniform(), random.uniform(), random.uniform())
    let dull = backdrop.mixed(with: Color(0.55, 0.55, 0.55), random.uniform(0.3...0.95))
    background = (dull * random.uniform(0.5...1.1), dull * random.uniform(0.3...0.9))
    clothes = Color(
      random.uniform(0.05...0.9), random.uniform(0.05...0.9), random.uniform(0.05...0.9))
    light = (random.uniform(-1...1), random.uniform(-1...0.3), random.uniform(0.05...0.28))
    exposure = random.normal(1, 0.09)
    warmth = random.normal(0, 0.035)
    noise = random.uniform(0.006...0.03)
    noiseSeed = UInt32(truncatingIfNeeded: random.next())
    pose = (
      random.normal(0, 4), random.normal(0, 4), random.normal(0, 0.06), random.normal(1, 0.05)
    )
  }
}
