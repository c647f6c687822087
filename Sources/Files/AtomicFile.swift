import Glibc

/// A new file that is written from front to back and takes its name whole or not at all: a
/// temporary file beside it, fsync, rename, fsync of the folder.
///
/// ```swift
/// try AtomicFile.write(bytes, to: "page.html")
/// ```
///
/// Whoever is killed, or runs out of disk, leaves the earlier file as it was. The temporary file
/// has a name that was free, so nothing of the user's is overwritten or followed.
package final class AtomicFile {
  package let path: String
  private let temporaryPath: String
  private let queue: SyncQueue?
  private var descriptor: Int32
  private let buffer: UnsafeMutableRawBufferPointer
  private var buffered = 0
  package private(set) var byteCount = 0

  /// - Parameters:
  ///   - folder: for the temporary file, on the same disk; nil for the file's own.
  ///   - queue: what brings the file to the disk later. Its name is then left to the caller, who has
  ///     many files in one folder.
  /// - Throws: `FileError` where the file cannot be made, or `path` is something else than a file.
  package init(
    path: String, temporaryIn folder: String? = nil, syncedBy queue: SyncQueue? = nil
  ) throws(FileError) {
    try checkIsAsGiven(path)
    self.path = path
    self.queue = queue
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
      throw FileError(path, "\(kind), and cannot be replaced; give the name of a file")
    }
    var temporary: String
    repeat {
      temporary = Self.temporaryPath(in: folder ?? parentFolder(of: path))
      descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    } while descriptor < 0 && (errno == EEXIST || errno == EINTR)
    guard descriptor >= 0 else { throw FileError(path, cannot: "create the file") }
    temporaryPath = temporary
    buffer = .allocate(byteCount: 1 << 18, alignment: 16)
  }

  private static let prefix = ".hydranet-"
  private static let suffix = ".partial"

  private static func temporaryPath(in folder: String) -> String {
    let number = String(UInt64.random(in: .min ... .max), radix: 16)
    return "\(folder)/\(prefix)\(number)\(suffix)"
  }

  /// Gives a file a second name, in one step, whatever had it. For files that are replaced and never
  /// changed, so that two names can share one file; it is copied where the file system has no links.
  package static func link(_ source: String, as target: String) throws(FileError) {
    let temporary = temporaryPath(in: parentFolder(of: target))
    guard Glibc.link(source, temporary) == 0 else {
      let file = try MappedFile(path: source)
      let copy = try AtomicFile(path: target)
      try copy.append(file.bytes)
      try file.checkWhole()
      return try copy.finish()
    }
    let code = rename(temporary, target) == 0 ? 0 : errno
    // rename does nothing where both names are of one file already.
    unlink(temporary)
    guard code == 0 else { throw FileError(target, cannot: "put the file in place", code: code) }
  }

  /// Whether a file with that path was left by a process that was killed while it wrote.
  package static func isTemporary(_ path: String) -> Bool {
    let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    return name.hasPrefix(prefix) && name.hasSuffix(suffix)
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporaryPath)
    }
    buffer.deallocate()
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    byteCount += bytes.count
    var rest = bytes
    while !rest.isEmpty {
      if buffered == 0, rest.count >= buffer.count {
        return try writeAll(rest, to: descriptor, path: path)
      }
      let count = min(rest.count, buffer.count - buffered)
      (buffer.baseAddress! + buffered).copyMemory(from: rest.baseAddress!, byteCount: count)
      buffered += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if buffered == buffer.count { try flush() }
    }
  }

  private func flush() throws(FileError) {
    try writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<buffered]), to: descriptor, path: path)
    buffered = 0
  }

  /// Brings the file to the disk, unless that is left to a queue, and gives it its name.
  package func finish() throws(FileError) {
    try flush()
    if let queue {
      guard rename(temporaryPath, path) == 0 else {
        throw FileError(path, cannot: "put the file in place")
      }
      let file = descriptor
      descriptor = -1
      return try queue.add(file: file, path: path)
    }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "sync") }
    let code = close(descriptor)
    descriptor = -1
    guard code == 0 else { throw abandoned("close") }
    guard rename(temporaryPath, path) == 0 else { throw abandoned("put the file in place") }
    try syncDirectory(parentFolder(of: path))
  }

  private func abandoned(_ verb: String) -> FileError {
    let error = FileError(path, cannot: verb)
    unlink(temporaryPath)
    return error
  }

  /// Writes a file in one call.
  package static func write(
    _ bytes: some Sequence<UInt8>, to path: String, temporaryIn folder: String? = nil
  ) throws {
    let file = try AtomicFile(path: path, temporaryIn: folder)
    let contiguous: Void? = try bytes.withContiguousStorageIfAvailable {
      try file.append(UnsafeRawBufferPointer($0))
    }
    if contiguous == nil { try Array(bytes).withUnsafeBytes { try file.append($0) } }
    try file.finish()
  }
}

/// Writes all of `bytes`, however many the system takes at a time.
package func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
) throws(FileError) {
  var done = 0
  while done < bytes.count {
    let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
    if count > 0 {
      done += count
    } else if count == 0 || errno != EINTR {
      throw FileError(path, cannot: "write", code: count == 0 ? EIO : errno)
    }
  }
}
