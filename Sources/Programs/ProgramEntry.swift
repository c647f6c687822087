import ArgumentParser
import Experiment
import Glibc
import Terminal

/// What both programs do around a command: parse the command line, run, print the error in one
/// sentence, and end with the right code.
///
/// | code | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | failed; the reason is on standard error |
/// | 64 | the command line is wrong |
/// | 130 | stopped by a signal in good order |
///
/// A command may throw `ExitCode` for another code after it has said why.
package enum ProgramEntry {
  package static func run<Root: ParsableCommand>(_ root: Root.Type) -> Never {
    holdStandardDescriptors()
    Interruption.setUp()
    // A file-size limit then fails a write, as a full disk does, and a reader that went away fails
    // the write of a result, instead of killing the program: a training outlives its terminal.
    signal(SIGXFSZ, SIG_IGN)
    let inherited = signal(SIGPIPE, SIG_IGN)
    var code = perform(root)
    do {
      try StandardOutput.main.flush()
    } catch {
      code = max(code, outcome(of: error))
    }
    // What ends the others of a pipeline ends this one too, unless whoever started it ruled it out.
    if code == pipeCode,
      unsafeBitCast(inherited, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
    {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    exit(code == pipeCode ? ExitCode.failure.rawValue : code)
  }

  /// Marks a closed pipe until the end; no exit code.
  private static let pipeCode = CInt.max

  private static func perform<Root: ParsableCommand>(_ root: Root.Type) -> CInt {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let sentence = CommandName.problem(in: arguments, of: root) {
      printError(sentence)
      return ExitCode.validationFailure.rawValue
    }
    var command: any ParsableCommand
    do {
      command = try root.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      return end(root, error, arguments)
    }
  }

  private static func end<Root: ParsableCommand>(
    _ root: Root.Type, _ error: any Error, _ arguments: [String]
  ) -> CInt {
    let code = root.exitCode(for: error)
    let text = root.fullMessage(for: error)
    if code == .success {
      // Help, version or a completion script.
      do {
        let script = CompletionScript.offeringDefault(of: root, in: text, arguments)
        try StandardOutput.main.document(script)
        return 0
      } catch {
        return outcome(of: error)
      }
    }
    guard code == .validationFailure else { return outcome(of: error) }
    if let error = error as? ValidationError {
      printError(error.message)
    } else {
      printDiagnostics(usageMessage(text, root.message(for: error), arguments))
    }
    return code.rawValue
  }

  /// The parser's words repeat arguments. Where one of these has a line break, it cannot be told
  /// which breaks are the parser's, so that its message goes onto one line.
  private static func usageMessage(
    _ text: String, _ message: String, _ arguments: [String]
  ) -> String {
    guard arguments.contains(where: { $0.contains(where: \.isNewline) }),
      let range = text.firstRange(of: message)
    else { return visibleLines(text) }
    return visibleLines(text.replacingCharacters(in: range, by: visible(message)))
  }

  /// Says what went wrong, and gives its code.
  private static func outcome(of error: any Error) -> CInt {
    if let code = error as? ExitCode { return code.rawValue }
    if let error = error as? OutputError, error.isClosedPipe { return pipeCode }
    printError("\(error)")
    return Interruption.isRequested ? Interruption.exitCode : ExitCode.failure.rawValue
  }

  /// Where a standard descriptor is closed, the next file that is opened would take its number,
  /// and results would be written into a store. They fail there instead.
  private static func holdStandardDescriptors() {
    for (descriptor, mode) in [
      (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", mode)
    }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, by text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
