import CSystem
import Checksums
import Glibc

/// What the system said, and what to do about it where that is known.
func systemMessage(_ verb: String, _ code: Int32) -> String {
  let reason = String(cString: strerror(code))
  switch code {
  case ENOSPC, EDQUOT, EFBIG:
    return "cannot \(verb): \(reason); make room and run the same command again"
  case EACCES where ["open", "read", "map"].contains(verb):
    return "cannot \(verb): \(reason); make it readable to this user"
  case EACCES, EPERM, EROFS:
    return "cannot \(verb): \(reason); choose a place that you may write to"
  default:
    return "cannot \(verb): \(reason)"
  }
}

/// A new file that is written from front to back, hashed on the way.
///
/// The bytes go to `path` + `.tmp`, which takes its name only in `finish()`, once it is on the
/// disk: a file that has its name is whole.
package final class HashedFileWriter {
  package let path: String
  private let temporaryPath: String
  private var descriptor: Int32
  private var digest = SHA256Digest()
  private let buffer: UnsafeMutableRawBufferPointer
  private var buffered = 0
  package private(set) var byteCount = 0

  /// - Throws: `StoreError` where the file cannot be made.
  package init(path: String) throws {
    self.path = path
    temporaryPath = path + ".tmp"
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    buffer = .allocate(byteCount: 1 << 18, alignment: 16)
    guard descriptor >= 0 else {
      buffer.deallocate()
      throw StoreError(
        .system(errno: errno), file: temporaryPath, systemMessage("create the file", errno))
    }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporaryPath)
      buffer.deallocate()
    }
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    byteCount += bytes.count
    var rest = bytes
    while !rest.isEmpty {
      let count = min(rest.count, buffer.count - buffered)
      (buffer.baseAddress! + buffered).copyMemory(from: rest.baseAddress!, byteCount: count)
      buffered += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if buffered == buffer.count { try flush() }
    }
  }

  private func flush() throws {
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<buffered])
    digest.update(bytes)
    var written = 0
    while written < bytes.count {
      let count = write(descriptor, bytes.baseAddress! + written, bytes.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        throw StoreError(
          .system(errno: errno), file: temporaryPath, systemMessage("write", errno))
      }
      written += count
    }
    buffered = 0
  }

  /// Brings the file to the disk and gives it its name.
  package func finish() throws -> FileEntry {
    try flush()
    guard fsync(descriptor) == 0 else {
      throw StoreError(.system(errno: errno), file: temporaryPath, systemMessage("sync", errno))
    }
    guard close(descriptor) == 0 else {
      let code = errno
      descriptor = -1
      buffer.deallocate()
      unlink(temporaryPath)
      throw StoreError(.system(errno: code), file: temporaryPath, systemMessage("close", code))
    }
    descriptor = -1
    buffer.deallocate()
    guard rename(temporaryPath, path) == 0 else {
      let code = errno
      unlink(temporaryPath)
      throw StoreError(.system(errno: code), file: path, systemMessage("rename to", code))
    }
    return FileEntry(path: path, byteCount: byteCount, sha256: digest.finishHex())
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

  var json: JSONValue {
    ["path": .string(path), "bytes": .integer(byteCount), "sha256": .string(sha256)]
  }
}

/// A file mapped into memory for reading.
package final class MappedFile: @unchecked Sendable {
  // The mapping is private, read-only, and lives as long as this object: nothing to lock.
  package let path: String
  package let bytes: UnsafeRawBufferPointer

  /// - Parameters:
  ///   - folder: the descriptor of the folder that a relative path is relative to.
  ///   - limit: a larger file is refused before it is mapped.
  /// - Throws: `StoreError` where there is no such file, or it cannot be read.
  package init(path: String, in folder: Int32 = AT_FDCWD, limit: Int = .max) throws {
    self.path = path
    // Without O_NONBLOCK a FIFO in a file's place would never open.
    let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let kind: StoreError.Kind = errno == ENOENT ? .missingFile : .system(errno: errno)
      throw StoreError(kind, file: path, systemMessage("open", errno))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(.damaged, file: path, "is not a regular file")
    }
    let count = Int(status.st_size)
    guard count <= limit else {
      throw StoreError(.damaged, file: path, "has \(count) bytes, more than the \(limit) expected")
    }
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED
    else {
      throw StoreError(.system(errno: errno), file: path, systemMessage("map", errno))
    }
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit {
    if let base = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
  }
}

/// Brings a folder's own entries (new names, renames) to the disk.
package func syncDirectory(_ path: String) throws {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw StoreError(.system(errno: errno), file: path, systemMessage("open the folder", errno))
  }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else {
    throw StoreError(.system(errno: errno), file: path, systemMessage("sync the folder", errno))
  }
}

/// Makes a folder and those above it.
package func makeDirectories(_ path: String) throws {
  var status = stat()
  if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try makeDirectories(String(path[..<slash]))
  }
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
    throw StoreError(.system(errno: errno), file: path, systemMessage("create the folder", errno))
  }
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
    throw StoreError(
      .system(errno: ENOTDIR), file: path, systemMessage("create the folder", ENOTDIR))
  }
}

/// Paths of all files below a folder, sorted; whatever is not a folder counts as a file.
///
/// - Parameter descriptor: of the folder that a relative path is relative to.
package func regularFiles(below folder: String, in descriptor: Int32 = AT_FDCWD) -> [String] {
  var found: [String] = []
  var pending = [""]
  while let prefix = pending.popLast() {
    let place = openat(
      descriptor, "\(folder)/\(prefix)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard place >= 0, let directory = fdopendir(place) else { continue }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      var isFolder = entry.pointee.d_type == UInt8(DT_DIR)
      if entry.pointee.d_type == UInt8(DT_UNKNOWN) {
        // Some file systems do not say.
        var status = stat()
        isFolder =
          fstatat(place, name, &status, AT_SYMLINK_NOFOLLOW) == 0
          && status.st_mode & S_IFMT == S_IFDIR
      }
      if isFolder {
        pending.append("\(prefix)\(name)/")
      } else {
        found.append(prefix + name)
      }
    }
  }
  return found.sorted()
}

/// Gives a file or folder another name, in one step.
package func renamePath(_ old: String, to new: String) throws {
  guard rename(old, new) == 0 else {
    throw StoreError(
      .system(errno: errno), file: old, systemMessage("rename to \(new)", errno))
  }
}

/// Exchanges what two names stand for, in one step.
package func exchangePaths(_ a: String, _ b: String) throws {
  let code = system_exchange_paths(a, b)
  guard code == 0 else {
    throw StoreError(.system(errno: code), file: a, systemMessage("exchange with \(b)", code))
  }
}

/// The path that a symbolic link stands for in the end, whether there is something or not; any
/// other path is returned as it is. A rename to a link would replace the link itself.
package func followingLinks(_ path: String) throws -> String {
  var path = path
  var target = [CChar](repeating: 0, count: Int(PATH_MAX))
  // As many as the kernel follows.
  for _ in 0...40 {
    let count = readlink(path, &target, target.count)
    guard count >= 0 else { return path }
    let name = String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    // A relative target is relative to the link's folder.
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    path = name.hasPrefix("/") ? name : folder + name
  }
  throw StoreError(.system(errno: ELOOP), file: path, systemMessage("follow the link", ELOOP))
}

/// The folder that a path is in.
package func parentFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
