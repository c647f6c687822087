import Checksums
import Files

/// A new file of a store that is written from front to back and hashed on the way, and takes its name
/// once it is whole.
package final class HashedFileWriter {
  private let file: AtomicFile
  private var digest = SHA256Digest()

  /// - Parameter queue: of the store, whose files are brought to the disk together.
  /// - Throws: `FileError` where the file cannot be made.
  package init(path: String, syncedBy queue: SyncQueue) throws {
    file = try AtomicFile(path: path, syncedBy: queue)
  }

  package var byteCount: Int { file.byteCount }

  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    digest.update(bytes)
    try file.append(bytes)
  }

  /// Gives the file its name.
  package func finish() throws -> FileEntry {
    try file.finish()
    return FileEntry(path: file.path, byteCount: byteCount, sha256: digest.finishHex())
  }
}

/// A file of a store: its path below the store's folder, its size and its SHA-256.
package struct FileEntry: Sendable, Equatable {
  package var path: String
  package var byteCount: Int
  package var sha256: String

  package init(path: String, byteCount: Int, sha256: String) {
    self.path = path
    self.byteCount = byteCount
    self.sha256 = sha256
  }

  package var json: JSONValue {
    ["path": .string(path), "bytes": .integer(byteCount), "sha256": .string(sha256)]
  }

  /// - Returns: nil for what is not a path below a folder, a size and a hash.
  package init?(_ json: JSONValue) {
    guard let path = json["path"]?.stringValue,
      path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({
        !$0.isEmpty && $0 != ".." && $0 != "."
      }),
      let byteCount = json["bytes"]?.intValue, byteCount >= 0,
      let sha256 = json["sha256"]?.stringValue, sha256.utf8.count == 64
    else { return nil }
    self.init(path: path, byteCount: byteCount, sha256: sha256)
  }
}
