import Glibc

/// Where photographs come from: a folder, what a command line names, or an archive.
///
/// ```swift
/// let ignored = try FolderSource("photos", spool: spool).forEachPhotograph { photograph in
///   try reader.read(photograph, into: planes)
/// }
/// ```
package protocol PhotographSource: Sendable {
  /// Gives every photograph once. The order depends on the source's content alone: bytewise by path
  /// for folders, as they are stored for archives.
  ///
  /// - Returns: what was passed over.
  /// - Throws: `ScanError` where the source cannot be read, `FileError`, and whatever `body` throws.
  func forEachPhotograph(_ body: (Photograph) throws -> Void) throws -> IgnoredFiles
}

/// An image file by its path, which need not be UTF-8, and its content.
package struct Photograph: Sendable {
  package enum Content: Sendable {
    /// A file to open at this path. Any thread may, at any time.
    case file([UInt8])
    /// The file's bytes, of a source that is read from front to back.
    case bytes([UInt8])
  }

  /// Inside its source, components separated by "/".
  package let path: [UInt8]
  package let content: Content

  package init(path: [UInt8], content: Content) {
    self.path = path
    self.content = content
  }

  /// The path as text for messages and output; bytes that are not UTF-8 are replaced.
  package var title: String { String(decoding: path, as: UTF8.self) }
}

/// A folder or file that cannot be scanned, in one sentence.
package struct ScanError: Error, CustomStringConvertible {
  package let description: String

  /// - Parameters:
  ///   - kind: what is at the path, with a blank behind it.
  ///   - code: the `errno` value of the system.
  init(_ path: [UInt8], kind: String = "folder ", code: CInt) {
    var path = path[...]
    while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
    description =
      "cannot read \(kind)\(String(decoding: path, as: UTF8.self)): \(String(cString: strerror(code))); "
      + "give image files, or folders of them, that this user may read"
  }

  init(_ description: String) { self.description = description }
}
