import Store

/// Something that an audit found: a sample, or a class, that someone should look at.
package struct Finding: Sendable, Equatable {
  /// Where a sample is.
  package struct Place: Sendable, Equatable {
    /// The path of the store; nil for the one that is audited.
    package var store: String?
    package var split: String
    package var index: Int
    /// Below the source folder.
    package var path: String
  }

  package var kind: FindingKind
  package var score: Double
  /// Nil for a class.
  package var sample: Place?
  /// The twin.
  package var other: Place?
  /// What is found in words, such as `age 116`.
  package var note: String

  /// One line of JSON without lists or objects inside, so that `build --drop` reads it.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "kind": .string(kind.rawValue), "score": .number(score), "note": .string(note),
    ]
    if let sample {
      members["split"] = .string(sample.split)
      members["index"] = .integer(sample.index)
      members["path"] = .string(sample.path)
    }
    if let other {
      if let store = other.store { members["other_store"] = .string(store) }
      members["other_split"] = .string(other.split)
      members["other_index"] = .integer(other.index)
      members["other_path"] = .string(other.path)
    }
    return .object(members)
  }
}

/// A finding before its names are looked up: samples by their numbers.
struct NumberedFinding {
  var kind: FindingKind
  var score: Double
  var sample: Int?
  var other: Int?
  var note = ""

  /// Worst first; equal ones by sample.
  static func precedes(_ a: Self, _ b: Self) -> Bool {
    if a.score != b.score { return (a.score > b.score) == a.kind.isWorstHighest }
    if a.sample != b.sample { return (a.sample ?? 0) < (b.sample ?? 0) }
    return a.note < b.note
  }
}
