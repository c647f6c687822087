import Experiment
import Testing

@Suite struct SampleConditionTests {
  private static func columns() throws -> [Column] {
    [
      try Column("age", .label, .number, .uint8, unit: "years"),
      try Column("race", .label, .class, .uint8, classNames: ["White", "Black", "Asian", "7"]),
      try Column("score", .label, .number, .float32),
      try Column("shift", .label, .number, .int32),
      try Column("person", .group, .class, .uint64),
      try Column("teacher", .teacher, .number, .float32, width: 3),
      try Column("hash", .provenance, .bytes, .uint8, width: 4),
    ]
  }

  @Test(arguments: [
    ("age=30", true), ("age!=30", false), ("age<30", false), ("age<=30", true), ("age>29", true),
    ("age>=31", false), ("age>29.5", true), ("age<1e3", true), ("age>-1", true),
    ("race=Asian", true), ("race=2", true), ("race!=White", true), ("race=7", false),
    ("score=0.1", true), ("score<0.1", false), ("shift=-5", false), ("shift<0", true),
    ("shift=-4", true), (" age = 30 , race != Black ", true), ("age=30,race=Black", false),
    // Two numbers that a double cannot tell apart.
    ("person=9007199254740993", true), ("person=9007199254740992", false),
  ])
  func comparisons(_ text: String, holds: Bool) throws {
    let values: [String: ColumnValue] = [
      "age": .unsigned(30), "race": .unsigned(2), "score": .float(0.1), "shift": .signed(-4),
      "person": .unsigned(9_007_199_254_740_993),
    ]
    let condition = try SampleCondition(text, columns: Self.columns())
    #expect(condition.holds { values[$0] } == holds)
  }

  @Test(arguments: ["age=30", "age!=30", "race!=White", "score<0.1"])
  func aMissingValueSatisfiesNothing(_ text: String) throws {
    #expect(try !SampleCondition(text, columns: Self.columns()).holds { _ in nil })
  }

  @Test(arguments: [
    ("", "is not a comparison"), ("age", "is not a comparison"), ("age=30,", "is not a comparison"),
    (",", "is not a comparison"), ("=30", "which is not a column"),
    ("agee=30", "did you mean age?"), ("age!30", "is not a comparison"),
    ("age=", "is not a number"),
    ("age==30", "is not a number"), ("age=0x1E", "is not a number"), ("age=nan", "is not a number"),
    ("age=inf", "is not a number"), ("age=1e999", "is not a number"),
    ("age=thirty", "is not a number"), ("age=>3", "is not a number"),
    ("race>Asian", "orders classes"), ("race<=2", "orders classes"),
    ("race=Asien", "did you mean Asian?"), ("race=4", "is not a class of race"),
    ("race=-1", "is not a class of race"), ("race=", "is not a class of race"),
    ("person=abc", "expected a number from 0"), ("teacher=1", "which is not a column"),
    ("hash=1", "which is not a column"), ("age=3\u{1b}[2J", "\\u{1b}"),
  ])
  func refusals(_ text: String, _ problem: String) throws {
    let error = try #require(throws: ConditionError.self) {
      try SampleCondition(text, columns: Self.columns())
    }
    #expect(error.description.contains(problem), "\(error)")
    #expect(!error.description.contains("\u{1b}") && !error.description.contains("\n"))
  }
}
