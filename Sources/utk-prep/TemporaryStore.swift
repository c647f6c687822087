import Auditing
import Experiment
import Files
import Foundation
import StoreBuilding
import Terminal

/// A store of all photographs of a folder or archive, which goes when this object goes.
final class TemporaryStore {
  let path: String
  private let folder: String

  /// - Parameter size: width and height of a stored image, in pixels.
  init(of source: String, _ settings: PrepSettings, size: Int) throws {
    var template = Array(
      "\(FileManager.default.temporaryDirectory.path)/hydranet-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    folder = String(
      decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard made != nil else { throw FileError(folder, cannot: "create the folder") }
    // Where the source is ".", its folder's name.
    path = "\(folder)/\(URL(fileURLWithPath: source).standardizedFileURL.lastPathComponent)"
    var prep = settings
    (prep.source, prep.output, prep.size) = ([source], path, size)
    prep.split = SplitRule(validation: 0)
    let summary: BuildSummary
    do {
      summary = try StoreBuilder(BuildOptions(prep)).run()
    } catch let error as BuildError where error.kind == .interrupted {
      throw AuditInterrupted()
    }
    for notice in summary.notices { printError("note: \(notice)") }
    if summary.rejectedCount > 0 {
      printError(
        "note: \(grouped(summary.rejectedCount)) of \(grouped(summary.found)) files have no accepted "
          + "name or labels, or are damaged, and are not audited; utk-prep build lists them")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}
