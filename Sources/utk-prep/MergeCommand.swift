import ArgumentParser
import Experiment
import Files
import PipelineFiles
import SettingFlags
import Store
import StoreBuilding
import Terminal

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Make one store of the parts that build --part wrote.",
    discussion: """
      Checks every part in DIR.parts, plans the split, and writes the store. It is
      the same to the byte as that of one build, and no photograph is read. Give
      the settings of the parts; those that only arrange, such as --seed, may differ.

        utk-prep build faces --part 0/2 --output store
        utk-prep build faces --part 1/2 --output store
        utk-prep merge --output store

      The shards can be written on many machines, too, each by one process; the
      merge then moves them into the store, and writes those that are not there:

        utk-prep merge --output store --part 0/2
        utk-prep merge --output store --part 1/2
        utk-prep merge --output store

      Where parts are not finished, it prints them as sbatch --array takes them,
      such as 0,3-5, and ends with exit code 1. The parts are removed when the
      store is there.
      """)

  @Option(name: .shortAndLong, help: "The store's folder.", completion: .directory)
  var output: String?

  @Option(
    help: "A pipeline file; its prep: section gives what no flag gives.",
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @OptionGroup(title: "Settings") var flags: SettingFlags<BuildFlags>

  @Option(
    help: ArgumentHelp(
      "Write a share of the shards only: those whose number modulo N is I, 0 <= I < N.",
      valueName: "I/N"),
    transform: partNumber)
  var part: PartNumber?

  @Flag(help: "Keep the parts, to merge them again with another seed or split.")
  var keepParts = false

  @Flag(help: "Replace a store that was built from other files or options.")
  var force = false

  @Flag(help: "Print the summary as one JSON object.")
  var json = false

  func run() throws {
    Interruption.listen()
    let options = try BuildOptions(
      merging: PrepSettings(pipeline, output: output, flags), force: force)
    do {
      if let part { return try write(part, options) }
      let summary = try StoreBuilder.merge(options, keepsParts: keepParts)
      if json {
        try StandardOutput.main.json(summary.json)
      } else {
        try StandardOutput.main.lines(BuildReport(summary, options).lines())
      }
    } catch let missing as MissingParts {
      if json {
        try StandardOutput.main.json(["missing": .string(missing.expression)])
      } else {
        try StandardOutput.main.lines([missing.expression])
      }
      throw missing
    }
  }

  private func write(_ part: PartNumber, _ options: BuildOptions) throws {
    let summary = try StoreBuilder.merge(options, part: part)
    if json {
      try StandardOutput.main.json(summary.json)
    } else {
      try StandardOutput.main.line(
        visible(
          "\(summary.folder): part \(part.number) of \(part.count) written in "
            + "\(durationText(seconds: summary.seconds)): \(grouped(summary.shards)) of "
            + "\(grouped(summary.allShards)) shards, \(grouped(summary.samples)) images"))
    }
  }
}
