import ArgumentParser
import Experiment
import Programs

@main
struct UTKPrep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "utk-prep",
    abstract: "Turn a folder of UTKFace photographs into a checked shard store.",
    usage: "utk-prep <subcommand> [<options>]",
    discussion: """
      Decode every photograph once, and train from the store ever after:

        utk-prep build data/raw/UTKFace --output data/shards/utkface-32
        utk-prep stats data/shards/utkface-32
        hydra-train --shards data/shards/utkface-32

      Without UTKFace, draw a data set of the same form first:

        utk-prep synth --output data/raw/drawn

      Results go to standard output, progress to standard error. Exit codes: 0
      done, 1 failed, 2 verify found damage, 64 wrong usage, 130 stopped by Ctrl-C.
      """,
    version: PackageVersion.text,
    subcommands: [
      BuildCommand.self, MergeCommand.self, StatsCommand.self, VerifyCommand.self,
      AuditCommand.self, InspectCommand.self, SampleCommand.self, ConvertCommand.self,
      SynthCommand.self, BenchCommand.self,
    ])

  static func main() { ProgramEntry.run(self) }
}
