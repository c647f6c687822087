/// A division of the samples of a split into groups, such as by gender and race.
package struct Grouping: Sendable, Equatable {
  /// The columns that make the groups, such as `["gender", "race"]`.
  package let columns: [String]
  /// By group, what its values are called, in the order of the columns.
  package let names: [[String]]
  /// By sample, its group's place in `names`; nil where a value is missing.
  package let groups: [Int?]
  /// Whether figures come with intervals, which takes much longer than the figures.
  package let hasIntervals: Bool

  package init(
    columns: [String], names: [[String]], groups: [Int?], hasIntervals: Bool = true
  ) {
    self.columns = columns
    self.names = names
    self.groups = groups
    self.hasIntervals = hasIntervals
  }
}
