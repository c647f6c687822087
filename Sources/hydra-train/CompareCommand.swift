import ArgumentParser
import Files
import Training

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show runs side by side: figures, speed, and the settings that differ.",
    discussion: """
        hydra-train compare data/runs/sum data/runs/dwa --output compare.html
      """)

  @Option(help: ArgumentHelp("Also write a page with the curves.", valueName: "file"))
  var output: String?

  @Argument(help: ArgumentHelp("Folders of runs, at most 32.", valueName: "run"))
  var runs: [String]

  func run() throws {
    if let output { try checkOutput(output, isNoneOf: runs.flatMap { RunFolder($0).ownFiles }) }
    let comparison = try compareRuns(runs)
    print(comparison.text(), terminator: "")
    guard let output else { return }
    try AtomicFile.write(comparison.page().utf8, to: output)
  }
}
