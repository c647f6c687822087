import Glibc

/// Writes a file whole or not at all: a temporary file beside it, fsync, rename, fsync of the
/// folder. Whoever is killed, or runs out of disk, leaves the earlier file as it was.
enum AtomicFile {
  /// - Parameter body: hands the file's bytes, in order, to the function that it is given.
  /// - Throws: `ModelFileError`, with the temporary file removed.
  static func write(
    to path: String, _ body: (_ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    let temporary = "\(path).\(getpid()).partial"
    // A stale file of a killed process with our number is ours to replace.
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ModelFileError(
        path: path, message: "cannot be created: \(systemMessage(errno))")
    }
    var isOpen = true
    do {
      try body { try append($0, to: descriptor, path: path) }
      guard fsync(descriptor) == 0 else { throw failure("saved to disk", path) }
      isOpen = false
      guard close(descriptor) == 0 else { throw failure("closed", path) }
      guard rename(temporary, path) == 0 else { throw failure("put in place", path) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  private static func append(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws {
    var offset = 0
    while offset < bytes.count {
      // SAFETY: offset stays below bytes.count, so the base address exists.
      let written = Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
      if written < 0 {
        if errno == EINTR { continue }
        throw failure("written", path)
      }
      offset += written
    }
  }

  /// Makes the rename itself durable. Some file systems cannot sync a folder (EINVAL): no error.
  private static func syncFolder(of path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("saved to disk", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("saved to disk", path) }
  }

  private static func failure(_ what: String, _ path: String) -> ModelFileError {
    ModelFileError(path: path, message: "cannot be \(what): \(systemMessage(errno))")
  }
}
