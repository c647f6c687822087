import CSystem
import Glibc

/// The folder that a path is in.
package func parentFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// What is at a path, as `S_IFREG` or `S_IFDIR`; nil where there is nothing.
func kind(of path: String, in root: Int32 = AT_FDCWD, followingLinks: Bool) -> mode_t? {
  var status = stat()
  guard fstatat(root, path, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
    return nil
  }
  return status.st_mode & S_IFMT
}

/// Whether there is something at a path, or at the end of the link there.
package func exists(_ path: String) -> Bool { kind(of: path, followingLinks: true) != nil }

package func isFolder(_ path: String) -> Bool { kind(of: path, followingLinks: true) == S_IFDIR }

package func isRegularFile(_ path: String, followingLinks: Bool = true) -> Bool {
  kind(of: path, followingLinks: followingLinks) == S_IFREG
}

/// What something is that is not a regular file where one is expected.
func whatIsNoFile(_ mode: mode_t) -> String {
  mode & S_IFMT == S_IFDIR ? "is a folder, expected a file" : "is not a regular file"
}

/// Bytes that an unprivileged user can still write where a path is, or is to be made; nil where the
/// system does not say.
package func freeByteCount(at path: String) -> Int? {
  var path = path
  while !exists(path), parentFolder(of: path) != path { path = parentFolder(of: path) }
  var status = statvfs()
  guard statvfs(path, &status) == 0 else { return nil }
  let (bytes, isTooLarge) = Int(clamping: status.f_bavail)
    .multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
  return isTooLarge ? nil : bytes
}

/// Which file it is, whatever the path that led to it.
package struct FileIdentity: Hashable, Sendable {
  let device: UInt
  let inode: UInt

  /// nil where there is nothing at the path.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
  }
}

/// The size of a regular file.
package func fileByteCount(_ path: String) throws(FileError) -> Int {
  var status = stat()
  guard stat(path, &status) == 0 else { throw FileError(path, cannot: "read") }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw FileError(path, whatIsNoFile(status.st_mode))
  }
  return Int(status.st_size)
}

/// The bytes of a regular file.
///
/// - Parameter limit: a larger file is refused before it is read.
package func readFile(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
  let file = try MappedFile(path: path, limit: limit)
  let bytes = Array(file.bytes)
  try file.checkWhole()
  return bytes
}

/// Gives a file or folder another name, in one step. A folder takes the name of an empty one, but
/// never that of a file or of a folder that holds something.
package func renamePath(_ old: String, to new: String) throws(FileError) {
  guard rename(old, new) == 0 else { throw FileError(old, cannot: "rename to \(new)") }
}

/// Exchanges what two names stand for, in one step.
package func exchangePaths(_ a: String, _ b: String) throws(FileError) {
  let code = system_exchange_paths(a, b)
  guard code == 0 else { throw FileError(a, cannot: "exchange with \(b)", code: code) }
}

/// Removes a file, if it is there.
package func removeFile(_ path: String) throws(FileError) {
  guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path, cannot: "remove") }
}

/// The path that a symbolic link stands for in the end, whether there is something or not; any
/// other path is returned as it is. A rename to a link would replace the link itself.
package func followingLinks(_ path: String) throws(FileError) -> String {
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
  throw FileError(path, cannot: "follow the link", code: ELOOP)
}

/// Refuses an output that is one of a command's inputs, or lies in an input that is a folder.
///
/// - Throws: `FileError`.
package func checkOutput(_ output: String, isNoneOf inputs: [String]) throws(FileError) {
  let file = FileIdentity(output)
  for input in inputs {
    guard let source = FileIdentity(input) else { continue }
    guard file == source || isPath(output, below: source) else { continue }
    let place = file == source ? "is read" : "lies in \(input), which is read"
    throw FileError(
      output, "\(place) to make this output, and would be damaged by it; give another name")
  }
}

/// Whether a path leads into a folder, whatever links it takes.
private func isPath(_ path: String, below source: FileIdentity) -> Bool {
  foldersAround(path).contains { FileIdentity($0) == source }
}

/// The folders that a path leads through, whatever links it takes, the innermost first. Those that
/// are not there yet are passed over.
package func foldersAround(_ path: String) -> [String] {
  var folder = parentFolder(of: path)
  while !exists(folder), folder != parentFolder(of: folder) { folder = parentFolder(of: folder) }
  var folders: [String] = []
  // Each ".." goes up one folder, until the root is its own parent.
  while let identity = FileIdentity(folder) {
    folders.append(folder)
    folder += "/.."
    if FileIdentity(folder) == identity { break }
  }
  return folders
}
