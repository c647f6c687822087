/// How a data set is split into training and validation.
package struct SplitOptions: Equatable, Sendable {
  /// The share that validates, from 0 (none) up to but not including 1.
  package let validation: Double
  package let seed: UInt64
  package let stratification: Stratification
  package let duplicates: DuplicatePolicy

  /// - Throws: `SplitOptionError` for a share outside [0, 1).
  package init(
    validation: Double = 0.2, seed: UInt64 = 42,
    stratification: Stratification = [.gender, .race, .age],
    duplicates: DuplicatePolicy = .together
  ) throws(SplitOptionError) {
    guard validation >= 0, validation < 1 else {
      throw SplitOptionError(
        description: "the validation share must be at least 0 and below 1, got \(validation)")
    }
    self.validation = validation
    self.seed = seed
    self.stratification = stratification
    self.duplicates = duplicates
  }
}

/// An option of the split that is not possible: which, the range, and what was given.
package struct SplitOptionError: Error, Equatable, CustomStringConvertible {
  package let description: String
}

/// What is done with files of identical bytes.
package enum DuplicatePolicy: String, CaseIterable, Codable, Sendable {
  /// All are kept, on one side of the split.
  case together
  /// Only the first of each group, by path order, is kept.
  case first
  /// No file that has a duplicate is kept: where labels conflict, none can be trusted.
  case drop
  /// Every file is split on its own; the same image may stand on both sides.
  case ignore
}

/// The labels whose proportions both sides of the split share; age counts by decade.
package struct Stratification: OptionSet, Sendable, CustomStringConvertible {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let gender = Stratification(rawValue: 1)
  package static let race = Stratification(rawValue: 2)
  package static let age = Stratification(rawValue: 4)
  package static let none: Stratification = []

  private static let names: [(name: String, member: Stratification)] = [
    ("gender", .gender), ("race", .race), ("age", .age),
  ]

  /// Reads `gender,race,age`, any part of it in any order, or `none`.
  package init(parsing text: String) throws(SplitOptionError) {
    self = []
    guard text != "none" else { return }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = part.drop { $0 == " " }
      guard let found = Self.names.first(where: { $0.name == name }) else {
        throw SplitOptionError(
          description: "cannot stratify by \(quoted(part.utf8)): expected none, or a list of "
            + "gender, race and age separated by commas")
      }
      insert(found.member)
    }
  }

  package var description: String {
    isEmpty
      ? "none" : Self.names.filter { contains($0.member) }.map(\.name).joined(separator: ",")
  }

  /// The stratum of a face: equal exactly for faces that are equal in the chosen labels.
  func stratum(of labels: FaceLabels) -> UInt64 {
    (contains(.gender) ? UInt64(labels.gender) : 0)
      | (contains(.race) ? UInt64(labels.race) << 8 : 0)
      | (contains(.age) ? UInt64(labels.decade) << 16 : 0)
  }
}
