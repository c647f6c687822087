/// How a data set is split into training and validation.
package struct SplitRule: Equatable, Sendable {
  /// The share that validates, from 0 (none) up to but not including 1.
  package var validation: Double
  package var seed: UInt64
  package var stratification: Stratification
  package var duplicates: DuplicatePolicy
  package var nearDuplicates: NearDuplicatePolicy

  package init(
    validation: Double = 0.2, seed: UInt64 = 42, stratification: Stratification = .all,
    duplicates: DuplicatePolicy = .together, nearDuplicates: NearDuplicatePolicy = .together
  ) {
    self.validation = validation
    self.seed = seed
    self.stratification = stratification
    self.duplicates = duplicates
    self.nearDuplicates = nearDuplicates
  }
}

/// What is done with files of identical bytes.
package enum DuplicatePolicy: String, CaseIterable, Codable, Sendable {
  /// All are kept, on one side of the split.
  case together
  /// Only the first of each group, by path order, is kept.
  case first
  /// No file that has a duplicate is kept: where labels conflict, none can be trusted.
  case drop
  /// Every file is split on its own; the same image may be on both sides.
  case ignore
}

/// What is done with files that hold the same photograph, encoded again or slightly recropped.
package enum NearDuplicatePolicy: String, CaseIterable, Codable, Sendable {
  /// All are kept, on one side of the split.
  case together
  /// They count as different photographs; so they do wherever identical files are ignored.
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
  package static let all: Stratification = [.gender, .race, .age]

  private static let members: [(name: String, member: Stratification)] = [
    ("gender", .gender), ("race", .race), ("age", .age),
  ]
  /// Every label that a split can be stratified by.
  package static let names = members.map(\.name)

  /// The labels of these names, each of which may appear once; nil for any other name.
  package init?(names: [String]) {
    self = []
    for name in names {
      guard let found = Self.members.first(where: { $0.name == name }), !contains(found.member)
      else { return nil }
      insert(found.member)
    }
  }

  package var names: [String] {
    Self.members.filter { contains($0.member) }.map(\.name)
  }

  package var description: String { isEmpty ? "none" : names.joined(separator: ",") }
}
