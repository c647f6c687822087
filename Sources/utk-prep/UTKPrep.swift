import ArgumentParser
import Programs

@main
struct UTKPrep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "utk-prep",
    abstract: "Turns a folder of UTKFace photographs into a checked shard store.",
    discussion: """
      Decode every JPEG once, then train from the store for ever after:

        utk-prep build data/raw/UTKFace --output data/shards/utkface-32
        utk-prep stats data/shards/utkface-32
        hydra-train --shards data/shards/utkface-32

      No UTKFace at hand? utk-prep synth --output data/raw/drawn draws a data set
      of the same form.

      Exit codes: 0 done; 1 an error, said in one sentence on standard error; 2
      verify found damage; 64 the command line is wrong; 130 stopped by Ctrl-C.
      """,
    version: "1.0.0",
    subcommands: [
      BuildCommand.self, StatsCommand.self, VerifyCommand.self, SampleCommand.self,
      SynthCommand.self, BenchCommand.self,
    ])

  static func main() { ProgramEntry.run(self) }
}
