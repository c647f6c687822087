import Files
import Glibc

/// The photographs below a folder, in an order that does not depend on the file system: the bytewise
/// order of the relative paths.
///
/// Symbolic links are followed; a folder that was already visited under another name, and so every
/// link loop, is not visited again. Hidden files and folders and a Mac's `__MACOSX` are passed over.
package struct FolderSource: PhotographSource {
  /// The folder's path with a "/" at its end: in front of a relative path, what opens a file.
  package let prefix: [UInt8]
  private let spool: Spool

  /// - Parameters:
  ///   - folder: as it was given on the command line.
  ///   - spool: where lists go that are large.
  package init(_ folder: String, spool: Spool) {
    self.init(path: rawArguments([folder])[0], spool: spool)
  }

  init(path: [UInt8], spool: Spool) {
    prefix = (path.isEmpty ? Array(".".utf8) : path) + Array("/".utf8)
    self.spool = spool
  }

  /// - Complexity: O(n log n) time; memory does not grow with the files, only with the folders.
  package func forEachPhotograph(_ body: (Photograph) throws -> Void) throws -> IgnoredFiles {
    var walk = Walk(prefix: prefix, spool: spool)
    try walk.visit([], body)
    return walk.ignored
  }

  private struct FolderIdentity: Hashable {
    let device: UInt
    let inode: UInt
  }

  private struct Walk {
    let prefix: [UInt8]
    let spool: Spool
    var ignored = IgnoredFiles()
    var visited: Set<FolderIdentity> = []

    /// Lists one folder, sorts it, and takes over its files and folders in that order. `folder` is
    /// the relative path, with a "/" at its end unless it is empty.
    mutating func visit(_ folder: [UInt8], _ body: (Photograph) throws -> Void) throws {
      let entries = try list(prefix + folder)
      try entries.forEachElement { entry in
        let path = folder + entry.name
        if path.last == UInt8(ascii: "/") {
          try visit(path, body)
        } else {
          try body(Photograph(path: path, content: .file(prefix + path)))
        }
      }
    }

    private mutating func list(_ folder: [UInt8]) throws -> ExternalSorter<FolderEntry> {
      var entries = ExternalSorter<FolderEntry>(spool)
      guard let stream = (folder + [0]).withUnsafeBytes({ opendir($0.baseAddress!) }) else {
        throw ScanError(folder, code: errno)
      }
      defer { closedir(stream) }
      var status = stat()
      guard fstat(dirfd(stream), &status) == 0 else { throw ScanError(folder, code: errno) }
      let identity = FolderIdentity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
      guard visited.insert(identity).inserted else { return entries }
      while true {
        errno = 0
        guard let entry = readdir(stream) else {
          guard errno == 0 else { throw ScanError(folder, code: errno) }
          return entries
        }
        guard let name = take(entry, in: dirfd(stream)) else { continue }
        guard let entry = FolderEntry(name) else { throw ScanError(folder, code: ENAMETOOLONG) }
        try entries.add(entry)
      }
    }

    /// The name of a photograph, or of a folder with a "/" at its end; nil for what is passed over.
    private mutating func take(
      _ entry: UnsafeMutablePointer<dirent>, in folder: CInt
    ) -> [UInt8]? {
      // SAFETY: readdir ends the name with a zero byte inside d_name.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
      let start = UnsafeRawPointer(entry) + offset
      let name = Array(
        UnsafeRawBufferPointer(
          start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
      if name.first == UInt8(ascii: ".") {
        if name != Array(".".utf8) && name != Array("..".utf8) { ignored.add("hidden") }
        return nil
      }
      switch Self.kind(of: name, type: entry.pointee.d_type, in: folder) {
      case .folder where name == Array("__MACOSX".utf8): ignored.add("__MACOSX")
      case .folder: return name + Array("/".utf8)
      case .file where PhotographName.isPhotograph(name): return name
      case .file: ignored.add(named: name)
      case .special: ignored.add("special")
      }
      return nil
    }

    private enum Kind { case file, folder, special }

    private static func kind(of name: [UInt8], type: UInt8, in folder: CInt) -> Kind {
      switch Int(type) {
      case Int(DT_REG): return .file
      case Int(DT_DIR): return .folder
      default:
        var status = stat()
        let code = (name + [0]).withUnsafeBytes {
          fstatat(folder, $0.bindMemory(to: CChar.self).baseAddress!, &status, 0)
        }
        // A broken link is kept, so that whoever opens it rejects it as unreadable: a face that
        // silently goes missing would be worse.
        guard code == 0 else { return .file }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .special
        }
      }
    }
  }
}
