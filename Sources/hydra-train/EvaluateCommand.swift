import ArgumentParser
import Files
import Reports
import Terminal
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure trained weights on a shard store.",
    usage: "hydra-train evaluate --shards <dir> --weights <file> [<options>]",
    discussion: """
      Prints the loss and every task's figures, errors by decade or class, and figures by group \
      (gender by race, or what --by says). The weight file says its tasks, its normalization and its depth. A file \
      from PyTorch does not: they then come from --pipeline, or are those of a run without a recipe.

        hydra-train evaluate --shards STORE --weights RUN/best.safetensors
        hydra-train evaluate --shards STORE --weights article.pth --split train
        hydra-train evaluate --shards STORE --weights RUN/best.safetensors --json
        hydra-train evaluate --shards STORE --weights RUN/best.safetensors --by gender,race
        hydra-train evaluate --shards STORE --weights RUN/best.safetensors --tta mirror
      """)

  @OptionGroup var measuring: MeasuringArguments

  @OptionGroup var answers: AnswerArguments

  @Option(
    help: ArgumentHelp(
      "Columns to give all figures by, such as race or gender,age/10 (numbers in bins of 10); may "
        + "be repeated.", valueName: "columns"))
  var by: [String] = []

  @Option(
    help: ArgumentHelp("Write the figures by group as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var csv: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if csv != nil, by.isEmpty {
      throw ValidationError("--csv writes the figures by group; give --by with it")
    }
  }

  func run() throws {
    let (model, data) = try measuring.open()
    let (rule, calibration) = try answers.rule(
      weights: measuring.trained.weights, tasks: model.settings.tasks)
    if let csv { try checkOutput(csv, isNoneOf: [measuring.trained.weights]) }
    let line = try measuring.progress("evaluate", data)
    let evaluation = try model.evaluate(data, split: measuring.split, rule: rule, by: by) {
      line.update(done: $0)
    }
    line.finish()
    if let calibration {
      printError(
        calibration.notice(
          path: Calibration.path(besides: measuring.trained.weights), on: measuring.split,
          of: data.store.identity))
    }
    if let csv { try AtomicFile.write(GroupAnalysis.csv(evaluation.analyses).utf8, to: csv) }
    if json {
      try StandardOutput.main.json(evaluation.json())
    } else {
      try StandardOutput.main.lines(evaluation.lines(columns: StandardOutput.main.columns))
    }
  }
}
