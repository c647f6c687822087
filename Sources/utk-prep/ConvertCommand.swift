import ArgumentParser
import Experiment
import Store
import StoreBuilding
import Terminal

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a store again with another codec or shard size, without its images.",
    usage: "utk-prep convert <store> --output <store> --codec <codec> [<options>]",
    discussion: """
      Decodes every sample and encodes it again; labels, measures, splits and order
      stay as they are. The new store is, to the byte, what a build with that codec
      and shard size makes, and a later build there says that it is unchanged.

        utk-prep convert data/shards/utkface-32 --codec portable \\
          --output data/shards/utkface-32-portable
        utk-prep convert STORE --codec predictive --samples-per-shard 1024 \\
          --output STORE --force

      Whole or nothing: the new store appears when it is whole, and may take the
      place of the old one.
      """)

  @Argument(help: "The store.", completion: .directory)
  var store: String

  @Option(name: .shortAndLong, help: "The new store's folder.", completion: .directory)
  var output: String

  @Option(
    help: "How its pixels are stored: predictive or portable.",
    completion: .list(PixelCodec.allCases.map(\.rawValue)),
    transform: { text in
      guard let codec = PixelCodec(rawValue: text) else {
        throw ValidationError(
          "expected \(PixelCodec.allCases.map(\.rawValue).joined(separator: " or "))")
      }
      return codec
    })
  var codec: PixelCodec

  @Option(
    help: ArgumentHelp(
      "Images in a shard file. (default: as many as the store has)", valueName: "count"))
  var samplesPerShard: Int?

  @Option(help: "Worker threads. (default: one per core)")
  var threads: Int?

  @Flag(help: "Replace another store at the output.")
  var force = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    let sizes = StoreFormat.samplesPerShardRange
    guard samplesPerShard.map(sizes.contains) ?? true else {
      throw ValidationError(
        "--samples-per-shard takes \(sizes.lowerBound) to \(sizes.upperBound).")
    }
    guard threads.map({ (1...1024).contains($0) }) ?? true else {
      throw ValidationError("--threads takes 1 to 1024.")
    }
  }

  func run() throws {
    Interruption.listen()
    let conversion = try StoreConversion(
      input: store, output: output, codec: codec, samplesPerShard: samplesPerShard,
      threads: threads, force: force)
    let summary = try conversion.run()
    if json {
      try StandardOutput.main.json([
        "output": .string(conversion.output), "codec": .string(codec.rawValue),
        "samples": .integer(summary.sampleCount), "unchanged": .bool(summary.isUnchanged),
        "store_bytes": .integer(summary.outputByteCount),
        "input_bytes": .integer(summary.inputByteCount),
      ])
    } else {
      try StandardOutput.main.line(
        visible(conversion.output)
          + (summary.isUnchanged ? ": unchanged, " : ": ")
          + "\(grouped(summary.sampleCount)) images, \(codec.rawValue) codec, "
          + "\(byteText(summary.outputByteCount)) instead of \(byteText(summary.inputByteCount))")
    }
  }
}
