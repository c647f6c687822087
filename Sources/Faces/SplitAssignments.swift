import Experiment
import Files
import Terminal

/// The splits of a published protocol: a CSV file with the columns `path` and `split`.
package struct SplitAssignments: Sendable {
  private let index: LabelIndex
  private let column: LabelFileColumn
  /// Names of the splits that the file has, the training split first.
  package let names: [String]
  package let identity: String

  /// What others call the splits that a trainer looks for.
  private static let synonyms = [
    "training": "train", "val": "validation", "valid": "validation", "dev": "validation",
    "testing": "test",
  ]

  /// - Throws: `FileError` for a file that is not such a table, or has no training split.
  package init(_ path: String, _ settings: LabelSettings, spool: Spool) throws {
    let file = try LabelFile(path)
    let given = settings.pathColumn.flatMap { file.names.contains($0) ? $0 : nil }
    index = try LabelIndex(
      file, pathColumn: given, dropsTop: settings.dropsTop, spool: spool)
    let column = try file.column("split")
    self.column = column
    var names: [String] = []
    try file.forEachRecord { record in
      let name = Self.name(record.text(column))
      guard !names.contains(name) else { return }
      guard SplitRule.isSplitName(name) else {
        throw FileError(
          path,
          "line \(record.line) has the split \(quoted(name)); expected a name such as train, "
            + "validation or test")
      }
      names.append(name)
      guard names.count <= 16 else { throw FileError(path, "has more than 16 splits") }
    }
    guard names.contains(SplitRule.train) else {
      throw FileError(path, "has no split named train; expected one to train on")
    }
    self.names = [SplitRule.train] + names.filter { $0 != SplitRule.train }.sorted()
    identity = try file.digest()
  }

  private static func name(_ text: String?) -> String {
    let name = (text ?? "").lowercased()
    return synonyms[name] ?? name
  }

  /// The number of the split of a path in `names`, or nil where the file does not name the path.
  ///
  /// - Throws: `FileError` for a path that is in two splits.
  package func split(of path: UnsafeBufferPointer<UInt8>) throws -> UInt8? {
    let records = try index.records(of: path)
    guard let first = records.first else { return nil }
    let name = Self.name(first.text(column))
    if let other = records.dropFirst().first(where: { Self.name($0.text(column)) != name }) {
      throw FileError(
        index.file.path,
        "lines \(first.line) and \(other.line) put one path into two splits; remove "
          + "one of them")
    }
    return names.firstIndex(of: name).map { UInt8($0) }
  }
}
