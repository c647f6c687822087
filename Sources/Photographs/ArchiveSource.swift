import Archives

/// The photographs in archives (`.tar`, `.tar.gz`, `.zip`), read from front to back without being
/// unpacked.
///
/// Paths are those in the archives. What an archive hides or a Mac adds is passed over, as in a
/// folder.
package struct ArchiveSource: PhotographSource {
  private let paths: [String]

  package init(_ paths: [String]) { self.paths = paths }

  /// Whether a file's name is that of an archive.
  package static func isArchive(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".tar", ".tar.gz", ".tgz", ".zip"].contains { name.hasSuffix($0) }
  }

  /// - Throws: `ArchiveError` where an archive cannot be read, `ScanError` where a photograph in it
  ///   cannot be had.
  package func forEachPhotograph(_ body: (Photograph) throws -> Void) throws -> IgnoredFiles {
    var ignored = IgnoredFiles()
    for path in paths {
      let archive = try ArchiveReader(path: path)
      while let entry = try archive.next() {
        let name = Array(entry.path[((entry.path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...])
        guard PhotographName.isPhotograph(name) else {
          ignored.add(named: name)
          continue
        }
        let title = "\(String(decoding: entry.path, as: UTF8.self)) in \(path)"
        if let refusal = entry.refusal { throw ScanError("\(title): \(refusal)") }
        guard let content = try archive.content() else {
          throw ScanError("\(title): is too large for a photograph; remove it from the archive")
        }
        try body(Photograph(path: entry.path, content: .bytes(Array(content))))
      }
      for _ in 0..<archive.passedOverCount { ignored.add("hidden") }
    }
    return ignored
  }
}
