import Terminal

/// A condition on the columns of a sample, such as `race=4,age>80`: comparisons that must all hold.
///
/// ```swift
/// let condition = try SampleCondition("race=Asian,age>=80", columns: store.schema.columns)
/// condition.holds { name in try split.column(name).value(sample) }
/// ```
///
/// A class is named by its name or its number. A missing value satisfies no comparison, `!=`
/// neither: whether it differs is not known.
package struct SampleCondition: Sendable, Equatable {
  private enum Operator: String, CaseIterable {
    // Longer ones first: "<=" begins with "<".
    case notEqual = "!="
    case atMost = "<="
    case atLeast = ">="
    case equal = "="
    case less = "<"
    case greater = ">"
  }

  private struct Comparison: Equatable {
    let column: String
    let `operator`: Operator
    let value: ColumnValue

    func holds(for value: ColumnValue) -> Bool {
      if case .unsigned(let a) = value, case .unsigned(let b) = self.value { return compare(a, b) }
      guard let a = value.number, let b = self.value.number else { return false }
      return compare(a, b)
    }

    private func compare<T: Comparable>(_ a: T, _ b: T) -> Bool {
      switch `operator` {
      case .equal: a == b
      case .notEqual: a != b
      case .less: a < b
      case .atMost: a <= b
      case .greater: a > b
      case .atLeast: a >= b
      }
    }
  }

  private let comparisons: [Comparison]

  /// The names of the columns that it asks for.
  package var columns: [String] { comparisons.map(\.column) }

  /// - Parameter columns: those that samples have.
  /// - Throws: `ConditionError` for what is not a condition on these columns.
  package init(_ text: String, columns: [Column]) throws(ConditionError) {
    var comparisons: [Comparison] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      comparisons.append(try Self.comparison(Self.trimmed(part), columns))
    }
    self.comparisons = comparisons
  }

  /// - Parameter value: gives a column's value of the sample, nil where it is missing.
  package func holds(_ value: (_ column: String) throws -> ColumnValue?) rethrows -> Bool {
    for comparison in comparisons {
      guard let value = try value(comparison.column), comparison.holds(for: value) else {
        return false
      }
    }
    return true
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop { $0 == " " }
    return start[..<(start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)]
  }

  private static func comparison(
    _ text: Substring, _ columns: [Column]
  ) throws(ConditionError) -> Comparison {
    guard let place = text.firstIndex(where: { "=!<>".contains($0) }),
      let found = Operator.allCases.first(where: { text[place...].hasPrefix($0.rawValue) })
    else {
      throw ConditionError(
        "\(quoted(text)) is not a comparison; expected one such as age>80, with =, !=, <, <=, > or >="
      )
    }
    let name = String(trimmed(text[..<place]))
    let value = String(trimmed(text[place...].dropFirst(found.rawValue.count)))
    let usable = columns.filter { $0.kind != .bytes && $0.width == 1 }
    guard let column = usable.first(where: { $0.name == name }) else {
      let near = nearestName(to: name, in: usable.map(\.name)).map { "; did you mean \($0)?" } ?? ""
      throw ConditionError(
        "\(quoted(text)) compares \(quoted(name[...])), which is not a column; expected "
          + usable.map(\.name).joined(separator: ", ") + near)
    }
    guard column.kind == .number || found == .equal || found == .notEqual else {
      throw ConditionError("\(quoted(text)) orders classes; compare \(name) with = or != only")
    }
    return Comparison(column: name, operator: found, value: try read(value, column, text))
  }

  private static func read(
    _ text: String, _ column: Column, _ comparison: Substring
  ) throws(ConditionError) -> ColumnValue {
    if column.kind == .class {
      if let number = column.classNames.firstIndex(of: text) { return .unsigned(UInt64(number)) }
      let count = column.classNames.isEmpty ? UInt64.max : UInt64(column.classNames.count)
      if let number = UInt64(text), number < count { return .unsigned(number) }
      let near = nearestName(to: text, in: Array(column.classNames.prefix(1000)))
      throw ConditionError(
        "\(quoted(comparison)): \(quoted(text[...])) is not a class of \(column.name)"
          + (column.classNames.isEmpty
            ? "; expected a number from 0"
            : "; expected "
              + column.classNames.prefix(20).map { visible($0) }
              .joined(separator: ", ") + (column.classNames.count > 20 ? ", …" : ""))
          + (near.map { "; did you mean \(visible($0))?" } ?? ""))
    }
    guard text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }),
      let number = Double(text), number.isFinite
    else {
      throw ConditionError(
        "\(quoted(comparison)): \(quoted(text[...])) is not a number, as \(column.name) is")
    }
    if column.element == .float32 { return .float(Float(number)) }
    if let whole = UInt64(exactly: number) { return .unsigned(whole) }
    // A bound between two whole numbers, or below zero.
    return .float(Float(number))
  }

  private static func quoted(_ text: Substring) -> String { Terminal.quoted(String(text)) }
}

/// A condition that cannot be, in one sentence.
package struct ConditionError: Error, CustomStringConvertible, Equatable {
  package let description: String

  init(_ description: String) { self.description = description }
}
