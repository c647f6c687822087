import Files

/// The photographs below a folder as they were listed before, so that it is walked once only.
package struct ListedFolder: PhotographSource {
  package let files: FileList
  package let ignored: IgnoredFiles
  private let prefix: [UInt8]

  /// - Throws: `ScanError`, `FileError`.
  package init(_ folder: FolderSource, spool: Spool) throws {
    prefix = folder.prefix
    (files, ignored) = try FileList.paths(of: folder, spool: spool)
  }

  package func forEachPhotograph(_ body: (Photograph) throws -> Void) throws -> IgnoredFiles {
    try files.forEachPath { _, path in
      try body(Photograph(path: Array(path), content: .file(prefix + path)))
    }
    return ignored
  }
}
