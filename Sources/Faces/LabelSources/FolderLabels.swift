import Experiment
import Files
import Terminal

/// Labels from the folders that images are in: the last column is the folder of the image, the one
/// before it the folder above, and so on.
package struct FolderLabels: LabelSource {
  private let codings: [LabelCoding]
  package let columns: [Column]
  package let identity: String
  package let guess: String?

  /// - Parameters:
  ///   - described: the columns, outermost folder first; empty for one column of classes.
  ///   - paths: asked for only where the names of classes are not described.
  /// - Throws: `FileError`, `ColumnError`.
  package init(_ described: [ColumnSettings], source: String, paths: LabelPaths) throws {
    var described = described
    var guess: String?
    if described.isEmpty {
      var names: Set<String> = []
      try paths { path in
        guard let folder = Self.folders(of: path).last else { return }
        names.insert(folder)
        guard names.count <= ColumnGuess.mostClasses else {
          throw FileError(
            source,
            "has images in more than \(ColumnGuess.mostClasses) folders, which cannot all be "
              + "classes; describe the levels of folders in columns:")
        }
      }
      guard !names.isEmpty else {
        throw FileError(source, "has no images in folders; expected a folder for every class")
      }
      var column = ColumnSettings(name: "class", kind: .class)
      column.classes = ColumnGuess.sorted(names)
      described = [column]
      guess = ColumnSettings.section(described)
    }
    codings = try described.map { try LabelCoding($0) }
    columns = codings.map(\.column)
    self.guess = guess
    identity = "folders\n" + ColumnSettings.section(described)
  }

  /// The names of the folders on a path, outermost first.
  private static func folders(of path: UnsafeBufferPointer<UInt8>) -> [String] {
    path.split(separator: UInt8(ascii: "/")).dropLast().map { String(decoding: $0, as: UTF8.self) }
  }

  package func labels(of path: UnsafeBufferPointer<UInt8>) -> Result<LabelRow, NameReject> {
    let folders = Self.folders(of: path).suffix(columns.count)
    guard folders.count == columns.count else {
      return .failure(
        NameReject(
          reason: .unlisted,
          description: "expected \(columns.count) folders above the image, for "
            + columns.map(\.name).joined(separator: " and ")))
    }
    var values: [ColumnValue?] = []
    for (coding, folder) in zip(codings, folders) {
      switch coding.value(of: folder) {
      case .success(let value): values.append(value)
      case .failure(let reject): return .failure(reject)
      }
    }
    return .success(LabelRow(values, of: columns))
  }
}
