/// Names of entries, as bytes: they need not be UTF-8.
enum ArchivePath {
  /// A relative path without `.` and empty components, as the folder that the archive unpacks to
  /// would have it.
  ///
  /// - Returns: nil where the path is absolute, leads outside, or names nothing.
  static func normalized(_ path: [UInt8]) -> [UInt8]? {
    guard path.first != UInt8(ascii: "/") else { return nil }
    var components: [ArraySlice<UInt8>] = []
    for component in path.split(separator: UInt8(ascii: "/")) {
      if component.elementsEqual(".".utf8) { continue }
      guard !component.elementsEqual("..".utf8) else { return nil }
      components.append(component)
    }
    return components.isEmpty ? nil : Array(components.joined(separator: [UInt8(ascii: "/")]))
  }

  /// Whether a path is of the data set's files: no component is hidden (`.git`, macOS's `._name`),
  /// and none is `__MACOSX`, in which macOS's zip keeps what is not the content of a file.
  static func isVisible(_ path: [UInt8]) -> Bool {
    path.split(separator: UInt8(ascii: "/")).allSatisfy {
      $0.first != UInt8(ascii: ".") && !$0.elementsEqual("__MACOSX".utf8)
    }
  }
}
