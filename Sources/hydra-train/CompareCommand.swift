import ArgumentParser
import Files
import Terminal
import Training

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show runs side by side: figures, speed, and the settings that differ.",
    discussion: """
      The best of each figure has a star, where all runs were validated on the same photographs. \
      A run that cannot be read is left out and named on standard error, and the exit code is then \
      1.

        hydra-train compare data/runs/sum data/runs/dwa
        hydra-train compare data/runs/* --output compare.html
      """)

  @Option(
    help: ArgumentHelp("Also write a page with the curves.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output: String?

  @Argument(
    help: ArgumentHelp("Folders of runs, at most 32.", valueName: "run"), completion: .directory)
  var runs: [String]

  func run() throws {
    if let output { try checkOutput(output, isNoneOf: runs.flatMap { RunFolder($0).ownFiles }) }
    let (comparison, leftOut) = try compareRuns(runs)
    for sentence in leftOut { printError(sentence) }
    if let warning = comparison.warning { printError("warning: \(warning)") }
    try StandardOutput.main.lines(comparison.lines(columns: StandardOutput.main.columns))
    if let output { try AtomicFile.write(comparison.page().utf8, to: output) }
    if !leftOut.isEmpty { throw ExitCode.failure }
  }
}
