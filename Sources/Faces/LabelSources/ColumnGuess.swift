import Experiment
import Files
import Terminal

/// What the columns of a label file seem to be: a number where every value is one, else a class; a
/// group where that is said.
package struct ColumnGuess {
  /// As many as a task can have.
  package static let mostClasses = 1000

  package private(set) var columns: [ColumnSettings] = []
  package private(set) var notices: [String] = []

  /// What is known of a column so far.
  private struct Found {
    let source: LabelFileColumn
    var isNumber = true
    var isWhole = true
    var least = Double.infinity
    var largest = -Double.infinity
    var texts: Set<String> = []
    /// What may stand for a missing value.
    var missing: Set<String> = []
    var hasValues = false

    mutating func add(_ text: String) {
      if texts.count <= mostClasses { texts.insert(text) }
      if LabelCoding.isMissingNumber(text) {
        missing.insert(text)
        return
      }
      guard isNumber else { return }
      guard let number = LabelCoding.number(text) else {
        isNumber = false
        return
      }
      hasValues = true
      isWhole = isWhole && Int(exactly: number) != nil
      least = min(least, number)
      largest = max(largest, number)
    }
  }

  /// Reads the whole file once.
  ///
  /// - Parameters:
  ///   - path: the column of paths, which is not a label.
  ///   - group: the name of the column whose values are what samples are grouped by.
  /// - Throws: `FileError` where the file cannot be read, or no column can be a label.
  init(_ file: LabelFile, except path: LabelFileColumn, group: String?) throws {
    var found = try file.names.filter { $0 != path.name }.map { Found(source: try file.column($0)) }
    try file.forEachRecord { record in
      for index in found.indices {
        if let text = record.text(found[index].source) { found[index].add(text) }
      }
    }
    var ignored: [String] = []
    for column in found {
      guard let settings = Self.settings(column, taken: columns.map(\.name), group) else {
        ignored.append(visible(column.source.name, limit: 40))
        continue
      }
      columns.append(settings)
    }
    guard !columns.isEmpty else {
      throw FileError(
        file.path,
        "has no column that could be a label: each is empty, or has more than "
          + "\(Self.mostClasses) different texts; describe the columns in columns:")
    }
    if !ignored.isEmpty {
      notices.append(
        "columns of \(file.path) that are empty, or have more than \(Self.mostClasses) different "
          + "texts, are left out: \(ignored.prefix(10).joined(separator: ", "))")
    }
  }

  private static func settings(
    _ found: Found, taken: [String], _ group: String?
  ) -> ColumnSettings? {
    let name = columnName(found.source.name, taken: taken)
    var settings: ColumnSettings
    if name == group {
      // Any number of identities, by number or by name.
      guard !found.texts.isEmpty else { return nil }
      settings = ColumnSettings(name: name, kind: .class)
      settings.role = .group
      settings.missing = found.missing.sorted()
    } else if found.isNumber {
      guard found.hasValues else { return nil }
      settings = ColumnSettings(name: name, kind: .number)
      settings.range = [found.least, found.largest]
      settings.element = element(found)
    } else {
      guard found.texts.count <= mostClasses else { return nil }
      settings = ColumnSettings(name: name, kind: .class)
      settings.classes = sorted(found.texts)
    }
    if name != found.source.name { settings.from = found.source.name }
    return settings
  }

  /// The smallest type for whole numbers; nil for float32, which a number has by itself.
  private static func element(_ found: Found) -> ColumnElement? {
    guard found.isWhole else { return nil }
    if found.least >= 0, found.largest < 255 { return .uint8 }
    if found.least >= 0, found.largest < 65_535 { return .uint16 }
    return found.least > Double(Int32.min) && found.largest <= Double(Int32.max) ? .int32 : nil
  }

  /// Names of classes in the order of the numbers that they begin with, then of the alphabet.
  static func sorted(_ names: Set<String>) -> [String] {
    func key(_ name: String) -> (Double, String) {
      let digits = name.prefix { $0.isASCII && $0.isNumber }
      return (Double(digits) ?? .infinity, name)
    }
    return names.sorted { key($0) < key($1) }
  }

  /// A name of a file made one that a column can have.
  private static func columnName(_ name: String, taken: [String]) -> String {
    var result = ""
    for scalar in name.lowercased().unicodeScalars.prefix(48) {
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      result.unicodeScalars.append(isPlain ? scalar : "_")
    }
    if result.unicodeScalars.first.map({ !("a"..."z").contains($0) }) ?? true {
      result = "c_" + result
    }
    if Column.reservedNames.contains(result) { result += "_label" }
    let base = result
    var number = 2
    while taken.contains(result) {
      result = "\(base)_\(number)"
      number += 1
    }
    return result
  }
}
