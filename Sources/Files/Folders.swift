import Glibc

/// Makes a folder and those above it.
///
/// - Throws: `FileError` naming the folder that could not be made.
package func makeDirectories(_ path: String) throws(FileError) {
  if isFolder(path) { return }
  let parent = parentFolder(of: path)
  if parent != path, parent != "." { try makeDirectories(parent) }
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
    throw FileError(path, cannot: "create the folder")
  }
  guard isFolder(path) else { throw FileError(path, cannot: "create the folder", code: ENOTDIR) }
}

/// Brings a folder's own entries (new names, renames) to the disk. Some file systems cannot sync a
/// folder (EINVAL): not an error.
package func syncDirectory(_ path: String) throws(FileError) {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError(path, cannot: "open the folder") }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw FileError(path, cannot: "sync the folder")
  }
}

/// The names in a folder in no particular order, as bytes: they need not be UTF-8.
///
/// - Parameter root: the descriptor of the folder that a relative path is relative to.
package func namesAsBytes(
  in folder: String, below root: Int32 = AT_FDCWD
) throws(FileError) -> [[UInt8]] {
  let descriptor = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0, let directory = fdopendir(descriptor) else {
    throw FileError(folder, cannot: "list the folder")
  }
  // Closes the descriptor too.
  defer { closedir(directory) }
  var names: [[UInt8]] = []
  while true {
    errno = 0
    guard let entry = readdir(directory) else {
      guard errno == 0 else { throw FileError(folder, cannot: "list the folder") }
      return names
    }
    // SAFETY: readdir ends the name with a zero byte inside d_name.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
    let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
    let name = UnsafeRawBufferPointer(start: start, count: strlen(start))
    if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
    names.append(Array(name))
  }
}

/// Paths of all files below a folder, sorted, relative to it; whatever is not a folder counts as a
/// file.
///
/// - Throws: `FileError` where a folder cannot be read.
package func regularFiles(
  below folder: String, in root: Int32 = AT_FDCWD
) throws(FileError) -> [String] {
  try contents(below: folder, in: root).filter { $0.last != "/" }
}

/// As `regularFiles`, and folders that are empty, with a slash behind them. A name that is not UTF-8
/// has replacement characters, and so is not that of any file.
func contents(
  below folder: String, in root: Int32 = AT_FDCWD
) throws(FileError) -> [String] {
  var found: [String] = []
  var pending = [""]
  while let prefix = pending.popLast() {
    let names = try namesAsBytes(in: "\(folder)/\(prefix)", below: root)
    if names.isEmpty, !prefix.isEmpty { found.append(prefix) }
    for bytes in names {
      let path = prefix + String(decoding: bytes, as: UTF8.self)
      if kind(of: "\(folder)/\(path)", in: root, followingLinks: false) == S_IFDIR {
        pending.append(path + "/")
      } else {
        found.append(path)
      }
    }
  }
  return found.sorted()
}
