import ArgumentParser
import Files
import Glibc
import Terminal

@main
struct HydraTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hydra-train",
    abstract: "Trains a HydraNet (one ResNet trunk, a head per task) from a shard store.",
    discussion: """
      A first run, and what to do with it:

        hydra-train --pipeline pipelines/utkface-32.yaml
        hydra-train evaluate --shards STORE --weights RUN/best.safetensors
        hydra-train predict --weights RUN/best.safetensors face.jpg

      Results go to standard output, progress to standard error. Exit codes: 0 done, 1 failed, \
      2 the loss was no number any more (the last checkpoint is intact), 64 wrong usage, \
      130 stopped by Ctrl-C after a checkpoint was saved.
      """,
    version: "1.0.0",
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, ExportCommand.self,
      InspectCommand.self, CompareCommand.self, BenchCommand.self,
    ],
    defaultSubcommand: TrainCommand.self)

  /// Parses the command line, runs the command, and turns an error into one sentence and an exit
  /// code. A command line that cannot be parsed gets the parser's own words and usage.
  static func main() {
    // A file-size limit then fails a write, as a full disk does, instead of killing the program.
    signal(SIGXFSZ, SIG_IGN)
    var command: any ParsableCommand
    do {
      try checkArgumentsAreUTF8()
    } catch {
      printError("\(error)")
      Glibc.exit(ExitCode.validationFailure.rawValue)
    }
    do {
      command = try parseAsRoot()
    } catch {
      exit(withError: error)
    }
    do {
      try command.run()
    } catch let error as ValidationError {
      printError(error.message)
      Glibc.exit(ExitCode.validationFailure.rawValue)
    } catch {
      // Help that was asked for, and codes of commands that said all themselves.
      guard !(error is ExitCode), exitCode(for: error) == .failure else { exit(withError: error) }
      printError(message(for: error))
      Glibc.exit(ExitCode.failure.rawValue)
    }
  }
}

/// Writes a line to standard error. Names from files and folders in it cannot break it.
func printError(_ text: String) {
  let bytes = Array("hydra-train: \(visible(text, limit: 2000))\n".utf8)
  _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
