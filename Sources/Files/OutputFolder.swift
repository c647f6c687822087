import Glibc

/// A folder that one command fills: claimed, so that no other process fills it too, and aware of
/// which files in it are its own, so that no other file is ever removed or overwritten.
///
/// A run fills its folder in place; a store is filled beside its place and then takes its name:
///
/// ```swift
/// let run = try OutputFolder(claiming: "runs/a", isOwn: isRunFile)
/// try run.setAside()            // what an earlier run left; comes back unless …
/// try run.commit()              // … the new files are there
///
/// let store = try OutputFolder(staging: "shards/a", isOwn: isStoreFile)   // shards/a.partial
/// try store.publish(replacing: isOldStoreFile)
/// ```
///
/// The claim is a locked file in the folder. It ends with this object, or with the process, however
/// that ends.
package final class OutputFolder {
  /// Where files are to be written.
  package private(set) var path: String
  /// The place that a staged folder takes in the end; else `path`.
  package let output: String
  private let isOwn: (String) -> Bool
  private let lock: Int32
  private var isMade = false
  /// Whether files of an earlier output wait for `commit()`.
  private var hasSetAside = false

  /// Marks a folder as one of this package's while it is being filled.
  package static let lockName = ".hydranet.lock"
  /// What an earlier output left, until `commit()`.
  package static let asideName = ".hydranet.replaced"
  /// The same, while it is removed.
  package static let discardedName = ".hydranet.discarded"

  /// Claims a folder that is filled in place, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - mustBeNew: whether a folder that is there already is refused, with `code` EEXIST.
  ///   - isOwn: whether a path below the folder is of a file that the command writes.
  /// - Throws: `FileError` where another process has claimed it, or it cannot be made.
  package convenience init(
    claiming path: String, mustBeNew: Bool = false, isOwn: @escaping (String) -> Bool
  ) throws(FileError) {
    try self.init(path, output: path, mustBeNew: mustBeNew, isOwn)
    try recover()
  }

  /// Claims `output` + ".partial", to be filled and then published as `output`.
  ///
  /// - Throws: `FileError` also where something is there that this package did not make.
  package convenience init(
    staging output: String, isOwn: @escaping (String) -> Bool
  ) throws(FileError) {
    let path = output + ".partial"
    let advice = "the unfinished output goes there: move it away, or choose another --output"
    if kind(of: path, followingLinks: false) != nil {
      guard kind(of: path, followingLinks: false) == S_IFDIR else {
        throw FileError(path, "is not a folder that this program made, and \(advice)")
      }
      // An empty folder holds nothing to lose: a stopped build leaves those of its next shard.
      let found = try contents(below: path).filter { !$0.hasSuffix("/") }
      let foreign =
        found.contains(Self.lockName)
        ? found.filter { !isOwn($0) && !AtomicFile.isTemporary($0) && $0.last != "/" } : found
      if let first = foreign.first(where: { $0 != Self.lockName }) {
        throw FileError(path, "holds \(first), which this program did not make, and \(advice)")
      }
    }
    try self.init(path, output: output, mustBeNew: false, isOwn)
  }

  private init(
    _ path: String, output: String, mustBeNew: Bool, _ isOwn: @escaping (String) -> Bool
  ) throws(FileError) {
    self.path = path
    self.output = output
    let isStaged = path != output
    // A kill between the making of a folder and of the file in it leaves the folder empty.
    self.isOwn = {
      $0 != Self.lockName
        && (isOwn($0) || AtomicFile.isTemporary($0) || isStaged && $0.last == "/")
    }
    try checkIsAsGiven(path)
    try makeDirectories(parentFolder(of: path))
    let file = "\(path)/\(Self.lockName)"
    while true {
      if mkdir(path, 0o755) == 0 {
        isMade = true
      } else if errno != EEXIST || (mustBeNew && !isMade) {
        throw FileError(path, cannot: "create the folder")
      } else if !isFolder(path) {
        throw FileError(path, cannot: "create the folder", code: ENOTDIR)
      }
      let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
      if descriptor < 0, errno == ENOENT { continue }
      guard descriptor >= 0 else { throw FileError(path, cannot: "claim the folder") }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let code = errno
        close(descriptor)
        guard code == EWOULDBLOCK else {
          throw FileError(path, cannot: "claim the folder", code: code)
        }
        throw FileError(
          output,
          "is being written by another process; wait until it ends, or choose another --output",
          code: code)
      }
      // A process that ended between the two calls has removed or moved the file that is locked now.
      var status = stat()
      if fstat(descriptor, &status) == 0, FileIdentity(status) == FileIdentity(file) {
        lock = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    if hasSetAside {
      try? removeOwnFiles()
      try? recover()
    }
    // The lock's file tells the next process that what is left of a staged folder is ours.
    if !isStaged || (try? namesAsBytes(in: path))?.count == 1 {
      unlink("\(path)/\(Self.lockName)")
      if isStaged || isMade { rmdir(path) }
    }
    close(lock)
  }

  /// The files in the folder that the command itself writes, temporary ones included.
  package func ownFiles() throws(FileError) -> [String] {
    // Below the folder of a run there are only folders of the user's.
    let found =
      isStaged
      ? try contents(below: path)
      : try namesAsBytes(in: path).map { String(decoding: $0, as: UTF8.self) }
    return found.filter(isOwn)
  }

  /// Removes some of the folder's own files, and folders that are empty then.
  package func removeOwnFiles(where isMeant: (String) -> Bool) throws(FileError) {
    try removeFiles(ownFiles().filter(isMeant), below: path)
  }

  /// Removes a published folder's own files, and the folder where nothing else is in it.
  package static func remove(
    _ folder: String, isOwn: (String) -> Bool
  ) throws(FileError) {
    try removeFiles(
      contents(below: folder).filter { isOwn($0) || $0 == lockName || $0.last == "/" },
      below: folder)
    rmdir(folder)
  }

  private var isStaged: Bool { path != output }

  /// Removes the folder's own files but for those to be kept, and folders that are empty then.
  package func removeOwnFiles(keeping kept: Set<String> = []) throws(FileError) {
    try removeFiles(ownFiles().filter { !kept.contains($0) }, below: path)
  }

  // MARK: in place

  private var aside: String { "\(path)/\(Self.asideName)" }

  /// Sets the own files that are in the folder aside. They come back where this object ends, or the
  /// process is killed and the folder claimed again, before `commit()`.
  package func setAside() throws(FileError) {
    let names = try ownFiles()
    guard !names.isEmpty else { return }
    guard mkdir(aside, 0o755) == 0 else { throw FileError(aside, cannot: "create the folder") }
    do throws(FileError) {
      for name in names { try renamePath("\(path)/\(name)", to: "\(aside)/\(name)") }
      try syncDirectory(path)
    } catch {
      try recover()
      throw error
    }
    hasSetAside = true
  }

  /// Removes what was set aside: the new files are there. Costs nothing a second time.
  package func commit() throws(FileError) {
    guard hasSetAside else { return }
    // In one step, so that a kill in the middle of it does not bring half of the old files back.
    try renamePath(aside, to: "\(path)/\(Self.discardedName)")
    hasSetAside = false
    try recover()
  }

  /// Brings back what a killed process had set aside, or ends its `commit()`.
  private func recover() throws(FileError) {
    let discarded = "\(path)/\(Self.discardedName)"
    if isFolder(discarded) {
      try removeFiles(try contents(below: discarded).filter(isOwn), below: discarded)
      rmdir(discarded)
    }
    guard isFolder(aside) else { return }
    for name in try contents(below: aside) where isOwn(name) {
      try renamePath("\(aside)/\(name)", to: "\(path)/\(name)")
    }
    rmdir(aside)
  }

  // MARK: staged

  /// Gives the staged folder its name, in one step, and removes the claim's file at once: it says
  /// that a folder is unfinished.
  ///
  /// - Parameter isReplaced: which files are of the output that is replaced; nil where nothing is to
  ///   be replaced.
  /// - Throws: `FileError` where there is something else at the output's place; the staged folder
  ///   then stays.
  package func publish(replacing isReplaced: ((String) -> Bool)?) throws(FileError) {
    guard let isReplaced else {
      guard rename(path, output) == 0 else {
        let code = errno
        guard [ENOTEMPTY, EEXIST, ENOTDIR].contains(code) else {
          throw FileError(output, cannot: "take the name", code: code)
        }
        throw FileError(
          output,
          "was made by another process in the meantime; move it away and run the same command again",
          code: code)
      }
      path = output
      unlink("\(path)/\(Self.lockName)")
      return try syncDirectory(parentFolder(of: output))
    }
    let old = try OutputFolder(output, output: output, mustBeNew: false, isReplaced)
    try Self.checkForeign(in: output, isOwn: isReplaced)
    try exchangePaths(path, output)
    swap(&path, &old.path)
    unlink("\(path)/\(Self.lockName)")
    try syncDirectory(parentFolder(of: output))
    try old.removeOwnFiles()
    if let rest = try contents(below: old.path).first(where: { $0 != Self.lockName }) {
      throw FileError(
        output,
        "is replaced, but \(rest) appeared in it in the meantime, and was kept in \(old.path)")
    }
  }

  /// Refuses to replace a folder with files that are not its own.
  ///
  /// - Throws: `FileError` naming one.
  package static func checkForeign(
    in folder: String, isOwn: (String) -> Bool
  ) throws(FileError) {
    let foreign = try contents(below: folder).filter {
      !isOwn($0) && $0 != lockName && !AtomicFile.isTemporary($0)
    }
    guard let first = foreign.first else { return }
    let more = foreign.count > 1 ? " and \(foreign.count - 1) more of the same kind" : ""
    throw FileError(
      folder,
      "cannot be replaced, as it holds \(first)\(more), which this program did not write; move that "
        + "away, or choose another --output")
  }
}

/// Removes files, and the folders that are empty then.
private func removeFiles(_ files: [String], below folder: String) throws(FileError) {
  for file in files {
    var parent = file[...]
    if file.last == "/" {
      rmdir("\(folder)/\(file)")
      parent.removeLast()
    } else {
      try removeFile("\(folder)/\(file)")
    }
    while let slash = parent.lastIndex(of: "/") {
      parent = parent[..<slash]
      guard rmdir("\(folder)/\(parent)") == 0 else { break }
    }
  }
}
