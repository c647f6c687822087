/// The files of a synthetic data set that are not simply a face under its labels.
package enum Oddity: Int, CaseIterable, Sendable {
  /// `61_1_<time>`: the race is missing. A readable face.
  case threeFields
  /// `53__0_<time>`: the gender is empty. A readable face.
  case emptyField
  /// `130_0_0_<time>`: older than the range. A readable face.
  case ageOutOfRange
  /// `24_0_7_<time>`: a race that does not exist. A readable face.
  case raceOutOfRange
  /// A good name, but a line of text inside.
  case notAnImage
  /// A good name, but only the first half of the JPEG.
  case truncated
  /// The bytes of face 0 under another age.
  case duplicateWithOtherAge
  /// The bytes of face 1 (of the last one, if there are fewer) under the other gender.
  case duplicateWithOtherGender
  /// The bytes of face 2 (of the last one, if there are fewer) under its own labels.
  case duplicate

  /// Whether a reader that follows the four-field rule keeps the file.
  package var isAcceptable: Bool { originalIndex != nil }

  /// For duplicates, the face that they copy.
  var originalIndex: Int? {
    switch self {
    case .duplicateWithOtherAge: 0
    case .duplicateWithOtherGender: 1
    case .duplicate: 2
    default: nil
    }
  }
}

/// One file to write.
struct SyntheticFile: Sendable {
  enum Content: Sendable {
    case face
    case truncatedFace
    case text
  }

  let name: String
  /// Which face is drawn.
  let index: Int
  let content: Content

  /// A face under its own labels.
  init(index: Int, content: Content, seed: UInt64) {
    let face = FaceParameters(seed: seed, index: index)
    self.init(
      labels: "\(face.age)_\(face.gender)_\(face.race)", time: index, index: index,
      content: content)
  }

  init(index: Int, oddity: Oddity, count: Int, seed: UInt64) {
    let original = min(oddity.originalIndex ?? index, count - 1)
    let face = FaceParameters(seed: seed, index: oddity.originalIndex == nil ? index : original)
    switch oddity {
    case .threeFields:
      self.init(labels: "61_1", time: index, index: index, content: .face)
    case .emptyField:
      self.init(labels: "53__0", time: index, index: index, content: .face)
    case .ageOutOfRange:
      self.init(labels: "130_0_0", time: index, index: index, content: .face)
    case .raceOutOfRange:
      self.init(labels: "24_0_7", time: index, index: index, content: .face)
    case .notAnImage:
      self.init(index: index, content: .text, seed: seed)
    case .truncated:
      self.init(index: index, content: .truncatedFace, seed: seed)
    case .duplicateWithOtherAge:
      let age = face.age > 58 ? face.age - 7 : face.age + 7
      self.init(
        labels: "\(age)_\(face.gender)_\(face.race)", time: index, index: original,
        content: .face)
    case .duplicateWithOtherGender:
      self.init(
        labels: "\(face.age)_\(1 - face.gender)_\(face.race)", time: index, index: original,
        content: .face)
    case .duplicate:
      self.init(
        labels: "\(face.age)_\(face.gender)_\(face.race)", time: index, index: original,
        content: .face)
    }
  }

  private init(labels: String, time: Int, index: Int, content: Content) {
    name = "\(labels)_\(Self.timestamp(time)).jpg.chip.jpg"
    self.index = index
    self.content = content
  }

  /// Seventeen digits as UTKFace has them, from the first of January 2017 on: yyyyMMddHHmmssSSS.
  /// Months have 28 days here, which keeps every date real.
  static func timestamp(_ number: Int) -> String {
    var rest = number * 977 + 36_000_000
    func digits(_ base: Int, from first: Int, width: Int) -> String {
      let digits = String(rest % base + first)
      rest /= base
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let milliseconds = digits(1_000, from: 0, width: 3)
    let seconds = digits(60, from: 0, width: 2)
    let minutes = digits(60, from: 0, width: 2)
    let hours = digits(24, from: 0, width: 2)
    let day = digits(28, from: 1, width: 2)
    let month = digits(12, from: 1, width: 2)
    let year = digits(8_000, from: 2_017, width: 4)
    return year + month + day + hours + minutes + seconds + milliseconds
  }
}
