import Experiment
import Files

/// Paths of images to leave out: a table with a column of paths, such as the findings of an audit.
package struct DropList: Sendable {
  /// Nil where the file is empty, as the findings of a faultless store are.
  private let index: LabelIndex?
  package let identity: String

  /// - Throws: `FileError` for a file that is not such a table.
  package init(_ path: String, _ settings: LabelSettings, spool: Spool) throws {
    guard try !MappedFile(path: path).bytes.isEmpty else {
      index = nil
      identity = "empty"
      return
    }
    let file = try LabelFile(path)
    let given = settings.pathColumn.flatMap { file.names.contains($0) ? $0 : nil }
    index = try LabelIndex(file, pathColumn: given, dropsTop: settings.dropsTop, spool: spool)
    identity = try file.digest()
  }

  /// - Throws: `FileError` where the file can no longer be read.
  package func contains(_ path: UnsafeBufferPointer<UInt8>) throws -> Bool {
    try index?.contains(path) ?? false
  }

  package func notices(about paths: LabelPaths) throws -> [String] {
    try index?.notices(about: paths) ?? []
  }
}
