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
  static func path(ofStore store: String) -> String { store + ".rejects.jsonl" }

  /// Writes the list, whole or not at all.
  ///
  /// - Parameter folder: that of the unfinished store. What a kill leaves there is cleared; beside
  ///   the list it would stay.
  static func write(
    _ rejects: [Reject], of records: RecordTable, to path: String, temporaryIn folder: String
  ) throws {
    try checkOwnership(path)
    let file = try AtomicFile(path: path, temporaryIn: folder)
    for reject in rejects {
      let line: JSONValue = [
        "path": .string(try records.title(of: Int(reject.file))),
        "reason": .string(reject.reason.rawValue), "message": .string(reject.message),
      ]
      try (line.encoded() + [UInt8(ascii: "\n")]).withUnsafeBytes { try file.append($0) }
    }
    try file.finish()
  }

  /// Gives a store's copy the list that the store has, in place of one that is there.
  static func copy(ofStore store: String, to copy: String, temporaryIn folder: String) throws {
    let (source, path) = (self.path(ofStore: store), self.path(ofStore: copy))
    guard source != path else { return }
    try checkOwnership(path)
    if exists(source), (try? checkOwnership(source)) != nil {
      let file = try MappedFile(path: source)
      try AtomicFile.write(file.bytes, to: path, temporaryIn: folder)
      try file.checkWhole()
    } else {
      try removeFile(path)
    }
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
