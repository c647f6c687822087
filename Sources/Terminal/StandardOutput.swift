import Glibc
import Synchronization

/// Results on standard output: lines, in large pieces, every write checked.
///
/// ```swift
/// try StandardOutput.main.line("\(path): sound")     // a hostile path cannot break the line
/// try StandardOutput.main.flush()                    // or learn here that the disk is full
/// ```
///
/// Everything a program prints as its result goes through here, so that no name from outside
/// reaches a terminal raw. A terminal gets every line at once.
package final class StandardOutput: Sendable {
  /// The process's own. `ProgramEntry` flushes it at the end.
  package static let main = StandardOutput(descriptor: STDOUT_FILENO)

  /// Columns that a line may take: the terminal's width, or no bound where there is no terminal.
  package let columns: Int

  package let isTerminal: Bool

  private let descriptor: CInt
  private let buffer = Mutex<[UInt8]>([])

  private static let pieceSize = 1 << 16

  package init(descriptor: CInt) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
    columns = isTerminal ? terminalColumns(descriptor) : .max
  }

  /// Prints one line. What could break it is made visible; where a terminal is narrower, the line
  /// goes on below, indented.
  ///
  /// - Throws: `OutputError`.
  package func line(_ text: String) throws {
    try write(folded(visible(text), columns: columns).joined(separator: "\n"))
  }

  package func lines(_ lines: some Sequence<String>) throws {
    for text in lines { try line(text) }
  }

  /// Prints a JSON document as it is, but for characters that steer a terminal: those are escaped.
  package func json(_ document: String) throws { try write(escapedJSON(document)) }

  /// Prints a text of our own as it is, such as help or a completion script.
  package func document(_ text: String) throws { try write(text) }

  /// Hands over what is buffered.
  ///
  /// - Throws: `OutputError`; what was buffered is then dropped.
  package func flush() throws { try buffer.withLock { try flush(&$0) } }

  private func write(_ text: String) throws {
    try buffer.withLock { buffer in
      buffer += text.utf8
      buffer.append(UInt8(ascii: "\n"))
      if isTerminal || buffer.count >= Self.pieceSize { try flush(&buffer) }
    }
  }

  private func flush(_ buffer: inout [UInt8]) throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if count == 0 || errno != EINTR {
          throw OutputError(code: count == 0 ? EIO : errno)
        }
      }
    }
  }
}

/// Why a result could not be printed.
package struct OutputError: Error, Equatable, CustomStringConvertible {
  /// An `errno` value.
  package let code: CInt

  /// Whether the reader of a pipe has ended, as `head` does: nothing to complain about.
  package var isClosedPipe: Bool { code == EPIPE }

  package var description: String {
    "the result could not be written to standard output: \(String(cString: strerror(code)))"
  }
}

/// Prints a sentence about the program's work on standard error, on one line, with the program's
/// name before it. That standard error cannot be written is not a reason to stop.
package func printError(_ text: String) { printDiagnostics(errorLine(text)) }

/// A sentence as `printError` prints it: the program's name before it, on one line.
package func errorLine(_ text: String) -> String {
  let program = CommandLine.arguments.first?.split(separator: "/").last ?? "program"
  return visible("\(program): \(text)", limit: 2000)
}

/// Prints lines of our own on standard error.
package func printDiagnostics(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
