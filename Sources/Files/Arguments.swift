/// Refuses a command line with an argument that is not UTF-8: Swift would repair it, and a file of
/// another name would be read or written.
///
/// - Throws: `FileError` naming the argument.
package func checkArgumentsAreUTF8() throws(FileError) {
  for number in 1..<max(1, Int(CommandLine.argc)) {
    guard let argument = CommandLine.unsafeArgv[number] else { return }
    guard String(validatingCString: argument) == nil else { continue }
    throw FileError(
      "argument \(number), \(String(cString: argument))",
      "is not UTF-8, as all arguments must be; rename the file, or name its folder instead")
  }
}
