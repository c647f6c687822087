import Terminal

/// One entry of a pipeline's `columns:` section: what a column of a label file or a level of
/// folders holds, and how its texts are read.
package struct ColumnSettings: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case number
    case `class`
  }

  /// The column's name in the store.
  package var name: String
  /// Its name in the label file; nil for the same.
  package var from: String?
  package var role = Column.Role.label
  package var kind: Kind
  /// Nil for the smallest that fits: float32 for a number, by the number of classes for a class.
  package var element: ColumnElement?
  package var unit: String?
  /// The least and the largest value; empty for any.
  package var range: [Double] = []
  package var classes: [String] = []
  /// What the label file has for each of `classes`, where that is not its name.
  package var texts: [String] = []
  /// What stands for a missing value, besides nothing at all.
  package var missing: [String] = []

  package init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// The name of the column in the label file.
  package var source: String { from ?? name }

  /// The column as a store has it.
  ///
  /// - Throws: `ColumnError` for settings that contradict each other.
  package func column() throws(ColumnError) -> Column {
    guard texts.isEmpty || texts.count == classes.count else {
      throw ColumnError(
        column: name, problem: "has \(texts.count) texts for \(classes.count) classes")
    }
    guard Set(classes).count == classes.count, Set(texts).count == texts.count else {
      throw ColumnError(column: name, problem: "has a class or a text that appears twice")
    }
    guard range.isEmpty || range.count == 2 else {
      throw ColumnError(column: name, problem: "has a range that is not two numbers")
    }
    return try Column(
      name, role, kind == .number ? .number : .class, element ?? smallestElement, unit: unit,
      minimum: range.first, maximum: range.last, classNames: classes)
  }

  private var smallestElement: ColumnElement {
    if kind == .number { return .float32 }
    // Groups without names, such as identities, are numbered by what they are called.
    if classes.isEmpty { return role == .group ? .uint64 : .uint16 }
    return classes.count < 256 ? .uint8 : .uint32
  }
}

extension ColumnSettings {
  /// Every setting of an entry.
  package static let table = SettingTable<ColumnSettings>([
    Setting(
      "name", \.name, name, "The column's name in the store: a-z, 0-9 and underscores; required."),
    Setting(
      "from", \.from, SettingType.text.orNothing,
      "Its name in the label file; left out, the same."),
    Setting(
      "role", \.role, .choice, "What it is for; a task is made of a label.",
      isUsed: { $0.role != .label }),
    Setting("kind", \.kind, .choice, "How its values are read; required."),
    Setting(
      "type", \.element, element, "How a value is stored; left out, the smallest type that fits."),
    Setting("unit", \.unit, SettingType.text.orNothing, "Of a number, such as years."),
    Setting(
      "range", \.range, range, "The least and the largest value of a number; others are rejected."),
    Setting(
      "classes", \.classes, texts, "Names of the classes, by number.", isUsed: { _ in false }),
    Setting(
      "texts", \.texts, texts,
      "What the label file has for each of the classes, where that is not its name.",
      isUsed: { _ in false }),
    Setting(
      "missing", \.missing, texts, "What stands for a missing label, besides nothing at all.",
      isUsed: { _ in false }),
  ])

  private static let plain = ColumnSettings(name: "", kind: .number)

  private static let name = SettingType<String>(
    "1 to 63 of a-z, 0-9 and underscores, a letter first, and not a reserved name",
    read: { node, _ in node.isNull ? nil : node.text },
    accepts: { Column.nameProblem($0) == nil }, write: { .text($0) })

  private static let element = SettingType<ColumnElement>.choice.orNothing
  static let range = SettingType<[Double]>(
    "a list of two numbers, the smaller one first",
    read: { node, _ in
      let numbers = node.list?.map(\.number)
      return numbers.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
    }, accepts: { $0.isEmpty || $0.count == 2 && $0[0] <= $0[1] },
    write: { $0.isEmpty ? nil : .doubles($0) })
  private static let texts = SettingType<[String]>.list(
    "a list of texts", of: .scalar, count: 0...Column.largestClassCount)

  /// The `columns:` section; empty where there is none.
  static let list = SettingType<[ColumnSettings]>(
    "a list of 1 to 256 mappings",
    read: { node, place in
      guard let items = node.list, !items.isEmpty else { return nil }
      let columns = try items.enumerated().map { index, item in
        try ColumnSettings(
          item, SettingPlace(name: "\(place.name)[\(index)]", source: place.source))
      }
      for (index, column) in columns.enumerated()
      where columns[..<index].contains(where: { $0.name == column.name }) {
        throw place.error(
          items[index], expected: "every name once",
          hint: "\(quoted(column.name)) appears twice")
      }
      return columns
    }, accepts: { $0.count <= 256 },
    write: { columns in
      columns.isEmpty ? nil : .list(columns.map { .mapping(table.yaml($0, default: plain)) })
    })

  private init(_ node: SettingNode, _ place: SettingPlace) throws {
    var column = Self.plain
    let source = place.source ?? SettingSource(file: "")
    let given = try Self.table.read(node, into: &column, path: place.name, source: source)
    for key in ["name", "kind"] where !given.contains(key) {
      throw source.error(
        place.name, node.line, expected: "the key \(key)", got: "a column without it")
    }
    do {
      _ = try column.column()
    } catch {
      throw source.error(
        place.name, node.line, expected: "settings that fit together", got: error.problem)
    }
    self = column
  }

  /// Columns as the section of a pipeline file that reads back to them.
  package static func section(_ columns: [ColumnSettings]) -> String {
    YAMLValue.lines([("columns", list.write(columns) ?? .plain("none"))])
  }
}
