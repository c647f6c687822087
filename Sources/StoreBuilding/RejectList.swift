import Faces
import Photographs
import Store

/// `STORE.rejects.jsonl`: a line for every file that is not in the store, sorted by path.
enum RejectList {
  /// Writes the list, whole or not at all.
  static func write(_ rejects: [Reject], of files: FileList, to path: String) throws {
    let file = try HashedFileWriter(path: path)
    for reject in rejects.sorted(by: { $0.file < $1.file }) {
      let line: JSONValue = [
        "path": .string(try files.path(at: Int(reject.file))),
        "reason": .string(reject.reason.rawValue), "message": .string(reject.message),
      ]
      try (line.encoded() + [UInt8(ascii: "\n")]).withUnsafeBytes { try file.append($0) }
    }
    _ = try file.finish()
  }
}
