import ArgumentParser
import Experiment
import Faces
import PipelineFiles
import StoreBuilding
import Terminal

struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Builds a shard store from a folder of images.",
    discussion: """
      Scans SOURCE for JPEG and PNG files named
      <age>_<gender>_<race>_<date&time>.jpg, resizes them as Pillow does, splits
      them into train and validation, and writes a Zarr v3 store that hydra-train,
      zarr-python and TensorStore read.

        utk-prep build data/raw/UTKFace --output data/shards/utkface-32
        utk-prep build data/raw/UTKFace --output data/shards/utkface-128 --size 128
        utk-prep build --pipeline pipelines/utkface-32.yaml

      Whole or nothing: the store appears under its name only when it is whole. A
      build that was interrupted goes on with the shards it had finished. The same
      files and options give the same bytes, whatever the number of threads.
      Rejected files are listed in DIR.rejects.jsonl.
      """)

  @Argument(help: "The folder that the UTKFace archive unpacks to.", completion: .directory)
  var source: String?

  @Option(name: .shortAndLong, help: "The store's folder.", completion: .directory)
  var output: String?

  @Option(
    help: "A pipeline file; its prep: section gives what no flag gives.",
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Option(help: "Width and height of a stored image in pixels, 8 to 1024. (default: 32)")
  var size: Int?

  @Option(help: "Share of the images that validate, from 0 to below 1. (default: 0.2)")
  var validation: Double?

  @Option(help: "Decides split and order. (default: 42)")
  var seed: UInt64?

  @Option(
    help:
      "Labels whose mix both splits keep: gender,race,age or some of them, or none. (default: all)")
  var stratify: String?

  @Option(
    help:
      "Byte-identical files: together (on one side of the split), first (one is kept), drop (none is), ignore. (default: together)",
    completion: .list(["together", "first", "drop", "ignore"]))
  var duplicates: String?

  @Option(
    help: "predictive (smallest) or portable (any Zarr v3 reader opens it). (default: predictive)",
    completion: .list(["predictive", "portable"]))
  var codec: String?

  @Option(help: "Images in a shard file. (default: 4096)")
  var samplesPerShard: Int?

  @Option(help: "Worker threads. (default: one for each core)")
  var threads: Int?

  @Option(help: "Fail if more files are rejected: a number, or a share such as 1%.")
  var maxRejects: String?

  @Flag(help: "Reject names with an irregular timestamp too.")
  var strict = false

  @Flag(help: "Replace a store that was built from other files or options.")
  var force = false

  @Flag(help: "Print the summary as one JSON object.")
  var json = false

  func run() throws {
    Interruption.listen()
    let options = try BuildOptions(settings(), force: force)
    let summary = try StoreBuilder(options).run()
    if json {
      try StandardOutput.main.json(summary.json)
    } else {
      try StandardOutput.main.lines(BuildReport(summary, options).lines())
    }
  }

  /// The pipeline's section with the flags on top.
  private func settings() throws -> PrepSettings {
    var file = Pipeline()
    if let pipeline { file = try Pipeline(contentsOf: pipeline) }
    if let source { file.prep.source = source }
    if let output { file.prep.output = output }
    if let size { file.prep.size = size }
    if let validation { file.prep.split.validation = validation }
    if let seed { file.prep.split.seed = seed }
    if let stratify {
      let names = stratify == "none" ? [] : stratify.split(separator: ",").map(String.init)
      guard let value = Stratification(names: names) else {
        throw ValidationError(
          "--stratify takes none, or gender, race and age separated by commas, not '\(stratify)'.")
      }
      file.prep.split.stratification = value
    }
    if let duplicates {
      file.prep.split.duplicates = try choice(duplicates, "duplicates", DuplicatePolicy.self)
    }
    if let codec { file.prep.codec = try choice(codec, "codec", PixelCodec.self) }
    if let samplesPerShard { file.prep.samplesPerShard = samplesPerShard }
    if let threads { file.prep.threads = threads }
    if let maxRejects {
      guard let limit = RejectLimit(maxRejects) else {
        throw ValidationError(
          "--max-rejects takes a number such as 10 or a share such as 1%, not '\(maxRejects)'.")
      }
      file.prep.maxRejects = limit
    }
    if strict { file.prep.strict = true }
    try file.prep.validate()
    return file.prep
  }

  private func choice<T: RawRepresentable & CaseIterable>(
    _ text: String, _ flag: String, _ type: T.Type
  ) throws -> T where T.RawValue == String {
    guard let value = T(rawValue: text) else {
      let names = T.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--\(flag) takes one of \(names), not '\(text)'.")
    }
    return value
  }
}
