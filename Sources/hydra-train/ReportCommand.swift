import ArgumentParser
import Terminal
import Training

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a run's page and model card again, from its files.",
    discussion: """
      Measures the run's best weights on its store and writes RUN/report.html, RUN/model-card.md and \
      RUN/metrics.csv, as training does at its end. Where the store is not there, figures by group \
      and pictures are left out, which standard error says. A run without a finished epoch has no \
      report: the exit code is then 1, and all files are as they were.

        hydra-train report data/runs/utkface-32
        hydra-train report data/runs/utkface-32 --no-faces --output page.html
        hydra-train report data/runs/utkface-32 --shards /mnt/shards/utkface-32
      """)

  @Option(
    help: ArgumentHelp(
      "Where the run's store is. (default: where the run had it)", valueName: "dir"),
    completion: .directory)
  var shards: String?

  @Option(
    help: ArgumentHelp(
      "Write the page there, and nothing into the run's folder.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output: String?

  @OptionGroup var pictures: PictureArguments

  @Option(help: "Threads of the engine. (default: all cores)")
  var threads: Int?

  @Argument(help: ArgumentHelp("Folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  func run() throws {
    let report = try RunReport(folder, shards: shards, threads: threads)
    for notice in report.notices { printError("note: \(notice)") }
    try StandardOutput.main.lines(
      report.write(page: output, showsFaces: pictures.faces))
  }
}

/// What a page shows of the store: what `train` and `report` have in common.
struct PictureArguments: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Show images of the validation split on the page.")
  var faces = true
}
