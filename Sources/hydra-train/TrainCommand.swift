import ArgumentParser
import Experiment
import PipelineFiles
import SettingFlags
import Terminal
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a HydraNet or an MTAN from a shard store (the default subcommand).",
    discussion: """
      The recipe comes from --pipeline FILE; without one, every label column of the store is a \
      task and the defaults below hold. Every flag overrides the file. A line per epoch goes to \
      standard error, the result to standard output, and everything else into the run's folder: \
      config.yaml, metrics.jsonl, sessions.jsonl, metrics.csv, report.html, model-card.md, \
      last.safetensors, best.safetensors and checkpoint.safetensors; with --best-per-task also best-NAME.safetensors of every task. \
      docs/settings.md has every key of a pipeline file.

        hydra-train --shards data/shards/utkface-32
        hydra-train --pipeline recipe.yaml --epochs 20 --seed 7 --output runs/7
        hydra-train --resume runs/7
        hydra-train --resume runs/7 --epochs 30
        hydra-train --shards STORE --pretrained resnet18.pth --freeze trunk
        hydra-train --shards STORE --epochs 60 --best-per-task --stop-head 8
      """)

  @Option(
    help: ArgumentHelp("Recipe to start from (YAML, train: section).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Option(help: ArgumentHelp("The shard store.", valueName: "dir"), completion: .directory)
  var shards: String?

  @Option(
    help: ArgumentHelp(
      "Folder of the run. (default: the first free data/runs/NAME-N)",
      valueName: "dir"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Go on with a run that was stopped, or extend one with --epochs.", valueName: "run"),
    completion: .directory)
  var resume: String?

  @Flag(help: "Replace a run that is already in the output folder.")
  var force = false

  @Flag(name: .shortAndLong, help: "Write nothing to standard error.")
  var quiet = false

  @Flag(
    inversion: .prefixedNo,
    help: "Write RUN/report.html, RUN/model-card.md and RUN/metrics.csv at the end.")
  var report = true

  @OptionGroup var pictures: PictureArguments

  @Flag(help: "Print the result as one JSON object.")
  var json = false

  @Option(help: ArgumentHelp("Factor of a task's loss; repeatable.", valueName: "task=factor"))
  var taskWeight: [NamedNumber] = []

  @OptionGroup(title: "Recipe") var recipe: SettingFlags<RecipeFlags>
  @OptionGroup(title: "Running") var running: SettingFlags<RunFlags>

  func validate() throws {
    if resume != nil, pipeline != nil || output != nil || force {
      throw ValidationError(
        "--resume RUN goes on with the run's own configuration and folder; leave out --pipeline, "
          + "--output and --force")
    }
  }

  func run() throws {
    Interruption.listen(saving: true)
    let run = try TrainingRun(
      settings(), start: resume == nil ? .new(overwrite: force) : .resume, quiet: quiet)
    let ending: TrainingRun.Ending
    do {
      ending = try run.train()
    } catch let error as LossError {
      printError(error.description)
      throw ExitCode(2)
    }
    if ending == .interrupted {
      printError(
        "stopped after step \(run.step); go on with: hydra-train --resume \(run.folder.path)")
      throw ExitCode(Interruption.exitCode)
    }
    // The run is saved: a signal may end what is left at once.
    Interruption.setUp()
    if report { try run.writeReports(showsFaces: pictures.faces) }
    let output = StandardOutput.main
    let result = try run.result()
    if json {
      try output.json(result.json())
    } else {
      try output.lines(result.lines(columns: output.columns))
    }
  }

  private func settings() throws -> TrainSettings {
    var train: TrainSettings
    if let resume {
      train = try Pipeline(contentsOf: RunFolder(resume).config).train
      train.output = resume
    } else {
      train = try pipeline.map { try Pipeline(contentsOf: $0).train } ?? TrainSettings()
    }
    if let shards { train.shards = shards }
    if train.tasks.isEmpty, let shards = train.shards {
      train.tasks = try TrainingData(shards: shards, tasks: []).tasks
    }
    var recorded = train
    try recipe.apply(to: &train)
    for weight in taskWeight { try train.setWeight(ofTask: weight.name, to: weight.value) }
    // More epochs extend a run; everything else of the recipe stays.
    recorded.epochs = train.epochs
    if resume != nil, train != recorded {
      throw ValidationError(
        "--resume RUN keeps the run's recipe but for --epochs; leave out the recipe's other flags, "
          + "or start a new run")
    }
    try running.apply(to: &train)
    if resume == nil { train.output = output ?? train.output }
    try train.validate()
    return train
  }
}
