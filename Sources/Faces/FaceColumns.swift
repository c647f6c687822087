import Experiment

extension FaceLabels {
  /// The value of each column.
  package var columnBytes: [UInt8] { LabelField.allCases.map { self[$0] } }

  /// - Parameter bytes: the value of each column.
  /// - Throws: `LabelRangeError`.
  package init(columnBytes bytes: UnsafeRawBufferPointer) throws(LabelRangeError) {
    precondition(bytes.count == LabelField.allCases.count, "a byte for every column")
    try self.init(age: Int(bytes[0]), gender: Int(bytes[1]), race: Int(bytes[2]))
  }

  /// UTKFace's labels as columns of a store, in the order of `LabelField`.
  package static let columns: [Column] = {
    do {
      return try [
        Column("age", .label, .number, .uint8, unit: "years", minimum: 0),
        Column("gender", .label, .class, .uint8, classNames: genderNames),
        Column("race", .label, .class, .uint8, classNames: raceNames),
      ]
    } catch {
      preconditionFailure("the columns of UTKFace are valid: \(error)")
    }
  }()
}
