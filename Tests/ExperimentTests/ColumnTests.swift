import Experiment
import Testing

@Suite struct ColumnTests {
  @Test(arguments: [
    ("", false), ("Age", false), ("9th", false), ("_a", false), ("a-b", false), ("image", false),
    ("source_sha256", false), ("measures", false), ("Name", false), ("naïve", false), ("..", false),
    ("a", true), ("age_2", true), (String(repeating: "a", count: 63), true),
    (String(repeating: "a", count: 64), false),
  ])
  func names(_ name: String, isValid: Bool) {
    #expect((Column.nameProblem(name) == nil) == isValid)
  }

  @Test func missingValuesAreTheTypesOwn() throws {
    let expected: [ColumnElement: String] = [
      .uint8: "255", .uint16: "65535", .uint32: "4294967295", .uint64: "18446744073709551615",
      .int32: "-2147483648", .float32: "NaN",
    ]
    for element in ColumnElement.allCases {
      let column = try Column("a", .label, .number, element)
      #expect(column.missing.description == expected[element])
      #expect(ColumnValue(column.missing.description, type: element) == column.missing)
    }
  }

  /// What contradicts itself is refused when it is made.
  @Test func refusals() {
    let makers: [() throws -> Column] = [
      { try Column("a", .label, .number, .uint8, width: 0) },
      { try Column("a", .label, .number, .uint8, missing: .unsigned(256)) },
      { try Column("a", .label, .number, .uint8, missing: .float(.nan)) },
      { try Column("a", .label, .class, .uint8, unit: "years") },
      { try Column("a", .label, .class, .uint8, minimum: 0) },
      { try Column("a", .label, .class, .float32) },
      { try Column("a", .label, .class, .uint8, classNames: ["x", "y"], missing: .unsigned(1)) },
      { try Column("a", .label, .number, .uint8, minimum: 2, maximum: 1) },
      { try Column("a", .label, .number, .float32, minimum: -.infinity) },
      { try Column("a", .label, .number, .uint8, classNames: ["x"]) },
      { try Column("a", .provenance, .bytes, .uint16) },
    ]
    for make in makers { #expect(throws: ColumnError.self) { try make() } }
  }

  @Test func identities() {
    let one = StoreIdentity(
      metadataSHA256: "a", contentSHA256: "c", membersSHA256: ["train": "t"])
    let converted = StoreIdentity(
      metadataSHA256: "b", contentSHA256: "c", membersSHA256: ["train": "t"])
    let old = StoreIdentity(metadataSHA256: "a")
    #expect(one.hasSameContent(as: converted))
    #expect(one.hasSameContent(as: old))
    #expect(!converted.hasSameContent(as: old))
    #expect(one.hasSameMembers(as: converted, split: "train") == true)
    #expect(converted.hasSameMembers(as: old, split: "train") == nil)
  }
}
