import Experiment

extension FaceLabels {
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
