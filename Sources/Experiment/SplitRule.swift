/// How a data set is split.
package struct SplitRule: Equatable, Sendable {
  /// A split that holds samples out of training, and its share of all of them.
  package struct Share: Equatable, Sendable {
    package let name: String
    package let share: Double

    package init(_ name: String, _ share: Double) {
      self.name = name
      self.share = share
    }
  }

  /// The split that is trained on: everything that no other one holds out.
  package static let train = "train"

  /// From the first on, at most 1 together.
  package var heldOut: [Share]
  package var seed: UInt64
  package var stratification: Stratification
  package var duplicates: DuplicatePolicy
  /// A file that says the split of every path, as a published protocol does.
  package var file: String?
  /// A file of paths that are in no split.
  package var dropped: String?
  /// How many folds the training split has for cross-validation; nil for none. With folds there is
  /// no validation split.
  package var folds: Int?
  package var nearDuplicates: NearDuplicatePolicy
  /// A column, such as a person's identity, whose equal values are in one split and one fold.
  package var groupColumn: String?

  package init(
    validation: Double = 0.2, seed: UInt64 = 42, stratification: Stratification = .all,
    duplicates: DuplicatePolicy = .together, nearDuplicates: NearDuplicatePolicy = .together
  ) {
    heldOut = [Share("validation", validation)]
    self.seed = seed
    self.stratification = stratification
    self.duplicates = duplicates
    self.nearDuplicates = nearDuplicates
  }

  /// The share that validates, from 0 (none) up to but not including 1.
  package var validation: Double {
    get { heldOut.first { $0.name == "validation" }?.share ?? 0 }
    set { heldOut = [Share("validation", newValue)] + heldOut.filter { $0.name != "validation" } }
  }

  /// The held-out splits that are made by share.
  package var madeSplits: [Share] {
    folds == nil ? heldOut : heldOut.filter { $0.name != "validation" }
  }

  /// What the splits depend on, as text.
  package var description: String {
    (heldOut.map { "\($0.name)=\($0.share)" } + (folds.map { ["\($0) folds"] } ?? []))
      .joined(separator: ",")
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

/// The labels whose proportions all splits share.
package struct Stratification: Sendable, Equatable, CustomStringConvertible,
  ExpressibleByArrayLiteral
{
  /// Nil for every label that has classes or a range.
  package let names: [String]?

  package static let none: Stratification = []
  package static let all = Stratification(names: nil)

  private init(names: [String]?) { self.names = names }

  /// The labels of these names, each of which may appear once; nil for a name that a column cannot
  /// have.
  package init?(of names: [String]) {
    guard Set(names).count == names.count,
      names.allSatisfy({ Column.nameProblem($0) == nil && !["none", "all"].contains($0) })
    else { return nil }
    self.names = names
  }

  package init(arrayLiteral names: String...) { self.names = names }

  package var isEmpty: Bool { names?.isEmpty ?? false }

  package var description: String {
    names.map { $0.isEmpty ? "none" : $0.joined(separator: ",") } ?? "all"
  }
}
