import ArgumentParser
import Foundation
import Reports
import Training

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show runs side by side: figures, speed, and the settings that differ.",
    discussion: """
      A run that cannot be read is left out and named on standard error, and the exit code is then \
      1.

        hydra-train compare data/runs/sum data/runs/dwa --output compare.html
      """)

  @Option(help: ArgumentHelp("Also write a page with the curves.", valueName: "file"))
  var output: String?

  @Argument(help: ArgumentHelp("Folders of runs, at most 32.", valueName: "run"))
  var runs: [String]

  func run() throws {
    let (comparison, leftOut) = try compareRuns(runs)
    for sentence in leftOut { printError(sentence) }
    print(comparison.text(), terminator: "")
    if let output { try write(comparison, to: output) }
    if !leftOut.isEmpty { throw ExitCode.failure }
  }

  private func write(_ comparison: RunComparison, to output: String) throws {
    do {
      try Data(comparison.page().utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw TrainingError("cannot write \(output): is its folder there and writable?")
    }
  }
}
