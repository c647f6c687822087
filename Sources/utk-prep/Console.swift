import ArgumentParser
import Glibc
import Store
import Terminal

/// Standard output and error as the commands use them.
enum Console {
  static func printError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Prints a machine-readable result: one JSON object.
  static func print(json: JSONValue) throws {
    Swift.print(String(decoding: try json.encoded(pretty: true), as: UTF8.self))
  }

  /// Runs a command's work, and turns an error into its sentence and an exit code.
  static func run(_ body: () throws -> Void) throws {
    Interruption.listen()
    // A file-size limit then fails a write, as a full disk does, instead of killing the program.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try body()
    } catch let exit as ExitCode {
      throw exit
    } catch {
      printError("utk-prep: \(error)")
      throw Interruption.isRequested ? ExitCode(Interruption.exitCode) : ExitCode.failure
    }
  }
}
