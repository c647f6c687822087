import Experiment
import Files
import Terminal

/// Labels of another source, some of which a file replaces: a row a path, a cell a label. An empty
/// cell leaves the label as it is, and the word `missing` removes it.
package struct FixedLabels: LabelSource {
  private let base: any LabelSource
  private let index: LabelIndex
  /// The columns that the file has, by their places in `columns`.
  private let fixes: [(place: Int, source: LabelFileColumn, coding: LabelCoding)]
  package let identity: String

  package var columns: [Column] { base.columns }
  package var guess: String? { base.guess }
  package var notices: [String] { base.notices }

  /// - Throws: `FileError` where the file is not such a table, or has a column that is not a label.
  package init(
    _ base: any LabelSource, path: String, settings: LabelSettings, spool: Spool
  ) throws {
    self.base = base
    let file = try LabelFile(path)
    // The file is the user's own: a name that suits another label file may not be in it.
    let given = settings.pathColumn.flatMap { file.names.contains($0) ? $0 : nil }
    index = try LabelIndex(
      file, pathColumn: given, dropsTop: settings.dropsTop, spool: spool)
    let pathName = try file.pathColumn(given).name
    fixes = try file.names.filter { $0 != pathName }.map { name in
      guard let place = base.columns.firstIndex(where: { $0.name == name }) else {
        let names = base.columns.map(\.name)
        let near = nearestName(to: name, in: names).map { "; did you mean \($0)?" } ?? ""
        throw FileError(
          path,
          "has the column \(quoted(name)), which is not a label; expected "
            + names.joined(separator: ", ") + near)
      }
      let known = settings.columns.first { $0.name == name }
      return (
        place, try file.column(name),
        try LabelCoding(known ?? ColumnSettings(base.columns[place]))
      )
    }
    identity = "\(base.identity)\nfixed by \(try file.digest())"
  }

  package func labels(of path: UnsafeBufferPointer<UInt8>) throws -> Result<LabelRow, NameReject> {
    let known = try base.labels(of: path)
    let records = try index.records(of: path)
    guard !records.isEmpty else { return known }
    let row = try? known.get()
    var values = row?.values(of: columns) ?? columns.map { _ in nil }
    var fixed: Set<Int> = []
    for record in records {
      for (place, source, coding) in fixes {
        guard let text = record.text(source) else { continue }
        let isRemoved = text == "missing" && !coding.settings.classes.contains(text)
        switch coding.value(of: isRemoved ? nil : text) {
        case .success(let value): values[place] = value
        case .failure(let reject):
          return .failure(reject.at("line \(record.line) of \(index.file.path)"))
        }
        fixed.insert(place)
      }
    }
    // A path that the source rejects is accepted where the file has all that is to be known of it.
    guard row != nil || fixed.count == columns.count else { return known }
    return .success(
      LabelRow(
        values: LabelRow(values, of: columns).values, isIrregular: row?.isIrregular ?? false))
  }

  package func notices(about paths: LabelPaths) throws -> [String] {
    try base.notices(about: paths) + index.notices(about: paths)
  }
}

extension ColumnSettings {
  /// How the texts of a column are read that no `columns:` section describes.
  init(_ column: Column) {
    self.init(name: column.name, kind: column.kind == .number ? .number : .class)
    role = column.role
    element = column.element
    unit = column.unit
    classes = column.classNames
    if let minimum = column.minimum, let maximum = column.maximum { range = [minimum, maximum] }
  }
}
