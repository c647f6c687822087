/// What one column of a data set holds: a value, or `width` of them, for every sample.
///
/// ```swift
/// let age = try Column("age", .label, .number, .uint8, unit: "years", minimum: 0)
/// let race = try Column("race", .label, .class, .uint8, classNames: ["White", "Black", "Asian"])
/// ```
///
/// A value made is valid: names become paths and task names, and a reader trusts the rest.
package struct Column: Sendable, Equatable {
  /// What the column is for.
  package enum Role: String, Sendable, CaseIterable {
    /// Something to learn.
    case label
    /// Samples of equal value belong together, such as one person's.
    case group
    /// The number of a cross-validation fold.
    case fold
    /// Where the sample comes from.
    case provenance
    /// Something computed from the photograph, such as its brightness.
    case measure
    /// Another model's output for the sample.
    case teacher
  }

  /// How the values are to be read.
  package enum Kind: String, Sendable, CaseIterable {
    case number
    /// The number of a class, from 0.
    case `class`
    /// Opaque bytes, such as a hash.
    case bytes
  }

  /// Lowercase, digits and "_"; see `nameProblem(_:)`.
  package let name: String
  package let role: Role
  package let kind: Kind
  package let element: ColumnElement
  /// Values of a sample: 1 for a scalar, otherwise the length of the array's second axis.
  package let width: Int
  /// Of a number, such as `years`.
  package let unit: String?
  /// The least value that a number may have; nil for any.
  package let minimum: Double?
  package let maximum: Double?
  /// Of a class column, by number; empty where the classes have no names.
  package let classNames: [String]
  /// What stands for a value that is not known. Bytes are always known.
  package let missing: ColumnValue

  /// - Parameter missing: nil for the element type's own: its largest value, the least of int32,
  ///   or NaN.
  /// - Throws: `ColumnError` for what contradicts itself or cannot be stored.
  package init(
    _ name: String, _ role: Role, _ kind: Kind, _ element: ColumnElement, width: Int = 1,
    unit: String? = nil, minimum: Double? = nil, maximum: Double? = nil, classNames: [String] = [],
    missing: ColumnValue? = nil
  ) throws(ColumnError) {
    let value = missing ?? element.missing
    func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws(ColumnError) {
      guard condition else { throw ColumnError(column: name, problem: problem()) }
    }
    if let problem = Self.nameProblem(name) { throw ColumnError(column: name, problem: problem) }
    try require(
      Self.widthRange.contains(width),
      "has width \(width), expected 1 to \(Self.widthRange.upperBound)")
    try require(value.fits(element), "has the missing value \(value), which is not a \(element)")
    try require(kind == .number || unit == nil, "has a unit, but is not a number")
    try require(
      kind == .number || minimum == nil && maximum == nil, "has a range, but is not a number")
    try require(
      [minimum, maximum].allSatisfy { $0?.isFinite ?? true }, "has a range that is not finite")
    if let minimum, let maximum {
      try require(minimum <= maximum, "has the range \(minimum) to \(maximum), which is empty")
    }
    try require(kind == .class || classNames.isEmpty, "has class names, but is not a class")
    try require(kind != .class || element != .float32, "is a class, but has element type float32")
    try require(kind != .bytes || element == .uint8, "is bytes, but has element type \(element)")
    try require(
      classNames.count <= Self.largestClassCount,
      "has \(classNames.count) class names, at most \(Self.largestClassCount) fit")
    try require(
      value.number.map { !(0..<Double(classNames.count)).contains($0) } ?? true,
      "has the missing value \(value), which is also a class")
    self.name = name
    self.role = role
    self.kind = kind
    self.element = element
    self.width = width
    self.unit = unit
    self.minimum = minimum
    self.maximum = maximum
    self.classNames = classNames
    self.missing = value
  }

  package static let widthRange = 1...65_536
  package static let largestClassCount = 65_536
  /// Names of arrays and groups that are not columns, or columns of the format's own.
  package static let reservedNames = ["image", "name", "index", "source_sha256", "measures"]

  /// Why a name cannot be a column's: `[a-z][a-z0-9_]{0,62}` and not reserved; nil where it can.
  package static func nameProblem(_ name: String) -> String? {
    let bytes = name.utf8
    guard (1...63).contains(bytes.count), let first = bytes.first, (0x61...0x7a).contains(first),
      bytes.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f })
    else {
      return "is not a column name: expected 1 to 63 of a-z, 0-9 and _, a letter first"
    }
    return reservedNames.contains(name) ? "is a reserved name; choose another" : nil
  }

  /// Bytes of one sample.
  package var sampleByteCount: Int { width * element.byteCount }
}

/// A column that cannot be.
package struct ColumnError: Error, CustomStringConvertible, Equatable {
  package let column: String
  package let problem: String

  package init(column: String, problem: String) {
    self.column = column
    self.problem = problem
  }

  package var description: String { "column \"\(column.prefix(80))\" \(problem)" }
}
