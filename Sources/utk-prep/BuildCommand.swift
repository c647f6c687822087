import ArgumentParser
import Experiment
import Faces
import PipelineFiles
import SettingFlags
import StoreBuilding
import Terminal

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build a shard store from a folder or an archive of images.",
    discussion: """
      Scans SOURCE for JPEG and PNG files named
      <age>_<gender>_<race>_<date&time>.jpg, or with labels from a table or from
      folders, resizes them as Pillow does, splits them, and writes a Zarr v3 store
      that hydra-train, zarr-python and TensorStore read.

        utk-prep build data/raw/UTKFace --output data/shards/utkface-32
        utk-prep build data/raw/UTKFace --output data/shards/utkface-128 --size 128
        utk-prep build UTKFace.tar.gz --output data/shards/utkface-32
        utk-prep build --pipeline pipelines/utkface-32.yaml
        utk-prep build photos --labels labels.csv --output data/shards/mine
        utk-prep build photos --labels labels.csv --output data/shards/mine --dry-run

      Whole or nothing: the store appears under its name only when it is whole. A
      build that was interrupted goes on with the images it had finished. The same
      files and options give the same bytes, whatever the number of threads, and
      an archive the same as the folder it unpacks to. Another seed, split or
      shard size with --force decodes no image again. Rejected files are listed in
      DIR.rejects.jsonl.

      On many machines, each gathers one part, and utk-prep merge makes the store:

        utk-prep build faces --part $SLURM_ARRAY_TASK_ID/8 --output shared/store
      """)

  @Argument(
    help: "The folder of images, or archives of them: .tar, .tar.gz or .zip.",
    completion: .file())
  var source: [String] = []

  @Option(name: .shortAndLong, help: "The store's folder.", completion: .directory)
  var output: String?

  @Option(
    help: "A pipeline file; its prep: section gives what no flag gives.",
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @OptionGroup(title: "Settings") var flags: SettingFlags<BuildFlags>

  @Option(
    help: "Copy samples from this store where their files are the same, as from the one replaced.",
    completion: .directory)
  var reuse: String?

  @Option(
    help: ArgumentHelp(
      "Gather part I of N only, 0 <= I < N, into DIR.parts; utk-prep merge makes the store of all.",
      valueName: "I/N"),
    transform: partNumber)
  var part: PartNumber?

  @Flag(help: "Replace a store that was built from other files or options.")
  var force = false

  @Flag(
    help: ArgumentHelp(
      "Say what names and labels tell of the build, and write nothing: classes, rejects, splits, disk."
    ))
  var dryRun = false

  @Flag(help: "Print the summary as one JSON object.")
  var json = false

  func validate() throws {
    guard !dryRun || part == nil else {
      throw ValidationError("--dry-run is about a whole build; leave --part out.")
    }
  }

  func run() throws {
    Interruption.listen()
    let options = try BuildOptions(
      PrepSettings(pipeline, source: source, output: output, flags), force: force, reuse: reuse)
    if let part { return try run(part, options) }
    if dryRun { return try preview(options) }
    let summary = try StoreBuilder(options).run()
    if json {
      try StandardOutput.main.json(summary.json)
    } else {
      try StandardOutput.main.lines(BuildReport(summary, options).lines())
    }
  }

  private func preview(_ options: BuildOptions) throws {
    let preview = try StoreBuilder(options).preview()
    let report = PreviewReport(preview, options)
    if json {
      try StandardOutput.main.json(report.json)
    } else {
      try StandardOutput.main.lines(report.lines())
    }
    try preview.checkTakesImages()
  }

  private func run(_ part: PartNumber, _ options: BuildOptions) throws {
    let summary = try StoreBuilder(options).run(part: part)
    if json {
      try StandardOutput.main.json(summary.json)
    } else {
      try StandardOutput.main.lines(PartReport(summary).lines())
    }
  }
}
