import Glibc

/// Finds the image files below a folder, in an order that does not depend on the file system.
///
/// ```swift
/// let scan = try DatasetScanner.scan("data/raw/UTKFace")
/// for index in 0..<scan.files.count { … scan.files.path(at: index) … }
/// ```
///
/// The order is the bytewise order of the relative paths. Symbolic links are followed; a folder
/// that was already visited under another name, and so every link loop, is not visited again.
public struct DatasetScanner {
  /// What a scan found.
  public struct Result: Sendable {
    /// Candidates: regular files named like an image. Paths are relative to the scanned folder.
    public var files = FileList()
    /// Hidden files, files that are not named like an image, and what is no regular file.
    public var ignoredCount = 0
    /// One sentence for every pair of folders that hold files of the same names.
    public var notices: [String] = []
  }

  private let root: [UInt8]
  private var result = Result()
  private var visited: Set<FolderIdentity> = []

  private struct FolderIdentity: Hashable {
    let device: UInt
    let inode: UInt
  }

  /// Scans `folder` recursively.
  ///
  /// - Throws: `ScanError` where the folder, or one below it, cannot be read.
  /// - Complexity: O(n log n) time; memory is the paths, twice while a folder is sorted.
  public static func scan(_ folder: String) throws(ScanError) -> Result {
    var scanner = DatasetScanner(root: Array(folder.utf8))
    try scanner.visit([])
    scanner.result.files.compact()
    scanner.result.notices = TwinFolders.notices(in: scanner.result.files)
    return scanner.result
  }

  private init(root: [UInt8]) { self.root = root.isEmpty ? Array(".".utf8) : root }

  /// Lists one folder, sorts it, and takes over its files and folders in that order. `prefix` is
  /// the relative path, with a "/" at its end unless it is empty.
  private mutating func visit(_ prefix: [UInt8]) throws(ScanError) {
    let full = root + [UInt8(ascii: "/")] + prefix
    guard let stream = (full + [0]).withUnsafeBytes({ opendir($0.baseAddress!) }) else {
      throw ScanError(folder: full, code: errno)
    }
    defer { closedir(stream) }
    var status = stat()
    guard fstat(dirfd(stream), &status) == 0 else { throw ScanError(folder: full, code: errno) }
    guard visited.insert(.init(device: UInt(status.st_dev), inode: UInt(status.st_ino))).inserted
    else { return }

    // A folder's key ends in "/", as it does inside the paths of its files: so the order of the
    // walk is the order of the paths.
    var entries = FileList()
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw ScanError(folder: full, code: errno) }
        break
      }
      let name = Self.name(of: entry)
      guard name.first != UInt8(ascii: ".") else {
        if name != Array(".".utf8) && name != Array("..".utf8) { result.ignoredCount += 1 }
        continue
      }
      switch Self.kind(of: name, type: entry.pointee.d_type, in: dirfd(stream)) {
      case .folder: entries.append(path: name + [UInt8(ascii: "/")])
      case .file where Self.isCandidate(name): entries.append(path: name)
      case .file, .other: result.ignoredCount += 1
      }
    }
    for index in entries.bytewiseOrder() {
      let path = entries.withPath(at: index) { prefix + $0 }
      if path.last == UInt8(ascii: "/") {
        try visit(path)
      } else {
        result.files.append(path: path)
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
public struct ScanError: Error, CustomStringConvertible {
  public let folder: String
  /// The `errno` value of the system.
  public let code: CInt

  init(folder: [UInt8], code: CInt) {
    var path = folder[...]
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    self.folder = String(decoding: path, as: UTF8.self)
    self.code = code
  }

  public var description: String {
    "cannot read folder \(folder): \(String(cString: strerror(code))); give a folder of UTKFace "
      + "images that this user may read"
  }
}
