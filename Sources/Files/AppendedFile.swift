import Glibc

/// Adds bytes to the end of a file, which is made where there is none, and brings them to the disk.
package final class AppendedFile {
  package let path: String
  private let descriptor: Int32

  /// - Parameter isNew: whether a file that is there already is refused, with `code` EEXIST.
  package init(path: String, isNew: Bool = false) throws(FileError) {
    self.path = path
    descriptor = open(
      path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | (isNew ? O_EXCL : 0), 0o644)
    guard descriptor >= 0 else {
      throw FileError(path, cannot: isNew ? "create the file" : "write")
    }
  }

  deinit { close(descriptor) }

  package func append(_ bytes: some Sequence<UInt8>) throws(FileError) {
    let bytes = Array(bytes)
    // A closure of the standard library's would lose the type of the error.
    let outcome = bytes.withUnsafeBytes { buffer in
      Result { () throws(FileError) in try writeAll(buffer, to: descriptor, path: path) }
    }
    try outcome.get()
  }

  package func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "sync") }
  }
}
