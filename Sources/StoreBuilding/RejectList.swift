import Faces
import Files
import Store

/// A file that is not in the store, and why.
struct Reject: Sendable, Equatable {
  /// Its number in the table of records.
  let file: UInt32
  let reason: RejectReason
  let message: String
}

/// `STORE.rejects.jsonl`: a line for every file that is not in the store, sorted by path.
enum RejectList {
  /// Writes the list, whole or not at all.
  static func write(_ rejects: [Reject], of records: RecordTable, to path: String) throws {
    try checkOwnership(path)
    let file = try AtomicFile(path: path)
    for reject in rejects {
      let line: JSONValue = [
        "path": .string(try records.title(of: Int(reject.file))),
        "reason": .string(reject.reason.rawValue), "message": .string(reject.message),
      ]
      try (line.encoded() + [UInt8(ascii: "\n")]).withUnsafeBytes { try file.append($0) }
    }
    try file.finish()
  }

  /// Refuses to replace a file of that name which is not such a list.
  ///
  /// - Throws: `BuildError`.
  static func checkOwnership(_ path: String) throws {
    guard exists(path) else { return }
    let file = try MappedFile(path: path)
    guard let line = file.bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first else {
      return
    }
    let json = try? JSONValue.decoded(UnsafeRawBufferPointer(rebasing: line))
    try file.checkWhole()
    guard json?["path"] != nil, json?["reason"] != nil else {
      throw BuildError(
        .output,
        "\(path) is not a list of rejected files, which would go there; move it away, or choose "
          + "another --output")
    }
  }
}
