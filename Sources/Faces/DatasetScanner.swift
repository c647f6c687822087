import Files
import Glibc

/// Finds the image files below a folder, in an order that does not depend on the file system.
///
/// ```swift
/// let scan = try DatasetScanner.scan("data/raw/UTKFace", spool: Spool(folder: "data/shards"))
/// try scan.files.forEachPath { index, path in … }
/// ```
///
/// The order is the bytewise order of the relative paths. Symbolic links are followed; a folder
/// that was already visited under another name, and so every link loop, is not visited again.
package struct DatasetScanner: ~Copyable {
  /// What a scan found.
  package struct Result: Sendable {
    /// Candidates: regular files named like an image. Paths are relative to the scanned folder.
    package var files = FileList()
    /// Hidden files, files that are not named like an image, and what is no regular file.
    package var ignoredCount = 0
    /// One sentence for every pair of folders that hold files of the same names.
    package var notices: [String] = []
  }

  private let root: [UInt8]
  private let spool: Spool
  private var files: FileListWriter
  private var ignoredCount = 0
  private var visited: Set<FolderIdentity> = []

  private struct FolderIdentity: Hashable {
    let device: UInt
    let inode: UInt
  }

  /// Scans `folder` recursively.
  ///
  /// - Parameter spool: where lists go that are large.
  /// - Throws: `ScanError` where the folder, or one below it, cannot be read; `FileError`.
  /// - Complexity: O(n log n) time; memory does not grow with the files, only with the folders.
  package static func scan(_ folder: String, spool: Spool) throws -> Result {
    var scanner = try DatasetScanner(root: Array(folder.utf8), spool: spool)
    try scanner.visit([])
    let ignoredCount = scanner.ignoredCount
    let files = try scanner.finish()
    return Result(
      files: files, ignoredCount: ignoredCount,
      notices: try TwinFolders.notices(in: files, spool: spool))
  }

  private init(root: [UInt8], spool: Spool) throws(FileError) {
    self.root = root.isEmpty ? Array(".".utf8) : root
    self.spool = spool
    files = try FileListWriter(spool)
  }

  private consuming func finish() throws(FileError) -> FileList { try files.finish() }

  /// Lists one folder, sorts it, and takes over its files and folders in that order. `prefix` is
  /// the relative path, with a "/" at its end unless it is empty.
  private mutating func visit(_ prefix: [UInt8]) throws {
    let full = root + [UInt8(ascii: "/")] + prefix
    guard let stream = (full + [0]).withUnsafeBytes({ opendir($0.baseAddress!) }) else {
      throw ScanError(folder: full, code: errno)
    }
    defer { closedir(stream) }
    var status = stat()
    guard fstat(dirfd(stream), &status) == 0 else { throw ScanError(folder: full, code: errno) }
    guard visited.insert(.init(device: UInt(status.st_dev), inode: UInt(status.st_ino))).inserted
    else { return }

    var entries = ExternalSorter<FolderEntry>(spool)
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw ScanError(folder: full, code: errno) }
        break
      }
      var name = Self.name(of: entry)
      guard name.first != UInt8(ascii: ".") else {
        if name != Array(".".utf8) && name != Array("..".utf8) { ignoredCount += 1 }
        continue
      }
      switch Self.kind(of: name, type: entry.pointee.d_type, in: dirfd(stream)) {
      case .folder: name.append(UInt8(ascii: "/"))
      case .file where Self.isCandidate(name): break
      case .file, .other:
        ignoredCount += 1
        continue
      }
      guard let entry = FolderEntry(name) else {
        throw ScanError(folder: full, code: ENAMETOOLONG)
      }
      try entries.add(entry)
    }
    try entries.forEachElement { entry in
      let path = prefix + entry.name
      if path.last == UInt8(ascii: "/") {
        try visit(path)
      } else {
        try files.append(path: path)
      }
    }
  }

  private enum Kind { case file, folder, other }

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
      default: return .other
      }
    }
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    // SAFETY: readdir ends the name with a zero byte inside d_name.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
    let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    return Array(
      UnsafeBufferPointer(start: start, count: strlen(UnsafePointer<CChar>(OpaquePointer(start)))))
  }

  /// Whether a base name is one of an image: by its extension in any case, also with blanks behind
  /// it or without its dot (UTKFace has such names), or by fields alone when there is no extension.
  static func isCandidate(_ name: [UInt8]) -> Bool {
    var trimmed = name[...]
    while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
    if let dot = trimmed.lastIndex(of: UInt8(ascii: ".")) {
      return isImageExtension(trimmed[(dot + 1)...].drop(while: isBlank))
    }
    // No dot at all: "25_0_1_20170101000000000" or "25_0_1_20170101000000000jpg".
    return trimmed.contains(UInt8(ascii: "_")) && trimmed.first.map(isDigit) == true
  }
}

/// A folder that cannot be scanned.
package struct ScanError: Error, CustomStringConvertible {
  package let folder: String
  /// The `errno` value of the system.
  package let code: CInt

  init(folder: [UInt8], code: CInt) {
    var path = folder[...]
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    self.folder = String(decoding: path, as: UTF8.self)
    self.code = code
  }

  package var description: String {
    "cannot read folder \(folder): \(String(cString: strerror(code))); give a folder of UTKFace "
      + "images that this user may read"
  }
}
