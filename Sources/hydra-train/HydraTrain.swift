import ArgumentParser
import Experiment
import Programs

@main
struct HydraTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hydra-train",
    abstract: "Train a HydraNet (one ResNet trunk, a head per task) from a shard store.",
    usage: "hydra-train [<subcommand>] [<options>]",
    discussion: """
      A first run, and what to do with it:

        hydra-train --shards STORE --output RUN
        hydra-train evaluate --shards STORE --weights RUN/best.safetensors
        hydra-train predict --weights RUN/best.safetensors face.jpg

      Results go to standard output, progress to standard error. Exit codes: 0 done, 1 failed, \
      2 the loss became NaN (the last checkpoint is intact), 64 wrong usage, \
      130 stopped by Ctrl-C, SIGTERM or SIGHUP after a checkpoint was saved. SIGUSR1 saves a \
      checkpoint and goes on.
      """,
    version: PackageVersion.text,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, CalibrateCommand.self,
      PredictCommand.self, ReportCommand.self, ExportCommand.self,
      InspectCommand.self, CompareCommand.self, BenchCommand.self, SettingsCommand.self,
    ],
    defaultSubcommand: TrainCommand.self)

  static func main() { ProgramEntry.run(self) }
}
