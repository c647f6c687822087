/// The three labels of one face, in the ranges that UTKFace defines.
///
/// Source: the data set's own description of its file names, `[age]_[gender]_[race]_[date&time]`.
package struct FaceLabels: Equatable, Hashable, BitwiseCopyable, Sendable {
  package static let ageRange = 0...116
  /// Indexed by the label.
  package static let genderNames = ["male", "female"]
  /// Indexed by the label.
  package static let raceNames = ["White", "Black", "Asian", "Indian", "Others"]
  /// Ages are grouped in steps of ten years: 0–9, 10–19, … 110–116.
  package static let decadeCount = 12

  /// Years, 0 to 116.
  package let age: UInt8
  /// 0 male, 1 female.
  package let gender: UInt8
  /// 0 White, 1 Black, 2 Asian, 3 Indian, 4 Others.
  package let race: UInt8

  package var decade: Int { Int(age) / 10 }

  /// - Throws: `LabelRangeError` for the first value outside its range.
  package init(age: Int, gender: Int, race: Int) throws(LabelRangeError) {
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
  package subscript(field: LabelField) -> UInt8 {
    switch field {
    case .age: age
    case .gender: gender
    case .race: race
    }
  }
}

/// One of the three labels, in the order in which a file name holds them.
package enum LabelField: String, CaseIterable, Codable, Sendable {
  case age, gender, race

  package var range: ClosedRange<Int> {
    switch self {
    case .age: FaceLabels.ageRange
    case .gender: 0...FaceLabels.genderNames.count - 1
    case .race: 0...FaceLabels.raceNames.count - 1
    }
  }
}

/// A label value that UTKFace does not define.
package struct LabelRangeError: Error, CustomStringConvertible, Equatable {
  package let field: LabelField
  package let value: Int

  package init(field: LabelField, value: Int) {
    self.field = field
    self.value = value
  }

  package var description: String {
    "the \(field.rawValue) is out of range: expected \(field.range.lowerBound) to "
      + "\(field.range.upperBound), got \(value)"
  }
}
