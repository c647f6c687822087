import Files
import Glibc

/// The photographs that a command line names: files as they are, whatever their names, and those
/// below folders.
package struct ArgumentSource: PhotographSource {
  private let arguments: [[UInt8]]
  private let spool: Spool

  package init(_ arguments: [String], spool: Spool) {
    self.arguments = rawArguments(arguments)
    self.spool = spool
  }

  /// A path is the argument itself, or the folder's argument, "/" and the path inside the folder.
  ///
  /// - Throws: `ScanError` too where there is nothing at an argument.
  package func forEachPhotograph(_ body: (Photograph) throws -> Void) throws -> IgnoredFiles {
    var ignored = IgnoredFiles()
    for argument in arguments {
      var status = stat()
      let code = (argument + [0]).withUnsafeBytes {
        stat($0.bindMemory(to: CChar.self).baseAddress!, &status)
      }
      guard code == 0 else { throw ScanError(argument, kind: "", code: errno) }
      guard status.st_mode & S_IFMT == S_IFDIR else {
        try body(Photograph(path: argument, content: .file(argument)))
        continue
      }
      ignored += try FolderSource(path: trimmed(argument), spool: spool).forEachPhotograph {
        guard case .file(let path) = $0.content else { return }
        try body(Photograph(path: path, content: $0.content))
      }
    }
    return ignored
  }

  /// All photographs, for commands whose work is small beside the list.
  ///
  /// - Throws: `ScanError` too where there are none.
  package func photographs() throws -> (photographs: [Photograph], ignored: IgnoredFiles) {
    var photographs: [Photograph] = []
    let ignored = try forEachPhotograph { photographs.append($0) }
    guard !photographs.isEmpty else {
      let names = arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
      throw ScanError(
        "there is no JPEG or PNG file in \(names)"
          + (ignored.count == 0 ? "" : " (skipped: \(ignored))"))
    }
    return (photographs, ignored)
  }
}

/// The bytes of command-line arguments, which a string cannot hold where they are not UTF-8: each
/// is looked up among the arguments of the process. A text that is not there gives its own bytes.
func rawArguments(_ texts: [String]) -> [[UInt8]] {
  var given = (1..<max(1, Int(CommandLine.argc))).compactMap { index in
    CommandLine.unsafeArgv[index].map { argument in
      Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
    }
  }
  return texts.map { text in
    let bytes = Array(text.utf8)
    guard text.unicodeScalars.contains("\u{FFFD}"),
      let place = given.firstIndex(where: {
        String(decoding: trimmed($0), as: UTF8.self)
          == String(decoding: trimmed(bytes), as: UTF8.self)
      })
    else { return bytes }
    // Two different names can look the same as text.
    return given.remove(at: place)
  }
}

/// A path without the slashes at its end.
private func trimmed(_ path: [UInt8]) -> [UInt8] {
  var path = path[...]
  while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
  return Array(path)
}
