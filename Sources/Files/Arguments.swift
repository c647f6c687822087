/// Refuses to make a file or folder where its path came from an argument that is not UTF-8: Swift
/// has repaired that, and something of another name would be made.
///
/// - Throws: `FileError` naming the path.
package func checkIsAsGiven(_ path: String) throws(FileError) {
  guard path.unicodeScalars.contains("\u{FFFD}") else { return }
  for number in 1..<max(1, Int(CommandLine.argc)) {
    guard let argument = CommandLine.unsafeArgv[number] else { return }
    guard String(validatingCString: argument) == nil else { continue }
    // --output=PATH is one argument.
    let repaired = String(cString: argument)
    let value = repaired.split(separator: "=", maxSplits: 1).last.map(String.init) ?? repaired
    guard path.contains(repaired) || path.contains(value) else { continue }
    throw FileError(path, "is not UTF-8, as the name of an output must be; choose another --output")
  }
}
