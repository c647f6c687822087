/// The three labels of one face, in the ranges that UTKFace defines.
///
/// Source: the data set's own description of its file names, `[age]_[gender]_[race]_[date&time]`.
public struct FaceLabels: Equatable, Hashable, BitwiseCopyable, Sendable {
  public static let ageRange = 0...116
  /// Indexed by the label.
  public static let genderNames = ["male", "female"]
  /// Indexed by the label.
  public static let raceNames = ["White", "Black", "Asian", "Indian", "Others"]
  /// Ages are grouped in steps of ten years: 0–9, 10–19, … 110–116.
  public static let decadeCount = 12

  /// Years, 0 to 116.
  public let age: UInt8
  /// 0 male, 1 female.
  public let gender: UInt8
  /// 0 White, 1 Black, 2 Asian, 3 Indian, 4 Others.
  public let race: UInt8

  public var decade: Int { Int(age) / 10 }

  /// - Throws: `LabelRangeError` for the first value outside its range.
  public init(age: Int, gender: Int, race: Int) throws(LabelRangeError) {
    for (field, value) in [(LabelField.age, age), (.gender, gender), (.race, race)]
    where !field.range.contains(value) {
      throw LabelRangeError(field: field, value: value)
    }
    self.init(unchecked: UInt8(age), UInt8(gender), UInt8(race))
  }

  init(unchecked age: UInt8, _ gender: UInt8, _ race: UInt8) {
    self.age = age
    self.gender = gender
    self.race = race
  }

  /// The value of one field.
  public subscript(field: LabelField) -> UInt8 {
    switch field {
    case .age: age
    case .gender: gender
    case .race: race
    }
  }
}

/// One of the three labels, in the order in which a file name holds them.
public enum LabelField: String, CaseIterable, Codable, Sendable {
  case age, gender, race

  public var range: ClosedRange<Int> {
    switch self {
    case .age: FaceLabels.ageRange
    case .gender: 0...FaceLabels.genderNames.count - 1
    case .race: 0...FaceLabels.raceNames.count - 1
    }
  }
}

/// A label value that UTKFace does not define.
public struct LabelRangeError: Error, CustomStringConvertible, Equatable {
  public let field: LabelField
  public let value: Int

  public init(field: LabelField, value: Int) {
    self.field = field
    self.value = value
  }

  public var description: String {
    "the \(field.rawValue) is out of range: expected \(field.range.lowerBound) to "
      + "\(field.range.upperBound), got \(value)"
  }
}
