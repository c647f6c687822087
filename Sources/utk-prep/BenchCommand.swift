import ArgumentParser
import Faces
import Foundation
import Store
import StoreBuilding
import Terminal
import Threads

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the ceiling of a build, or random access to a store.",
    usage: "utk-prep bench <path> [<options>]",
    discussion: """
      For a folder of images: how many of them libjpeg-turbo alone decodes in a
      second, from memory and keeping nothing. For a store: how many random samples
      are decoded from the memory-mapped shards in a second.

        utk-prep bench data/raw/UTKFace
        utk-prep bench data/shards/utkface-32
      """)

  @Argument(help: "A folder of JPEG images, or a store.", completion: .directory)
  var path: String

  @Option(help: "Threads. (default: one per core)")
  var threads: Int?

  @Option(help: "How long to measure, in seconds.")
  var seconds = 3.0

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard threads.map({ (1...1024).contains($0) }) ?? true else {
      throw ValidationError("--threads takes 1 to 1024.")
    }
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds takes more than 0 and at most 3600.")
    }
  }

  func run() throws {
    let threads = threads ?? availableCoreCount()
    let isStore = FileManager.default.fileExists(
      atPath: "\(path)/\(StoreFormat.rootMetadataFile)")
    if isStore {
      let result = try AccessBenchmark.run(store: path, threads: threads, seconds: seconds)
      try show(
        [
          "threads": .integer(threads), "samples_per_second": .number(result.samplesPerSecond),
          "bytes_per_second": .number(result.bytesPerSecond),
        ],
        "random access, \(threads) threads: \(grouped(Int(result.samplesPerSecond))) samples/s, "
          + "\(fixed(result.bytesPerSecond / 1e9, 2)) GB/s of pixels")
    } else {
      let rate = try DecodeBenchmark.run(folder: path, threads: threads, seconds: seconds)
      try show(
        ["threads": .integer(threads), "decode_only_images_per_second": .number(rate)],
        "decode only, \(threads) threads: \(grouped(Int(rate))) images/s")
    }
  }

  private func show(_ document: JSONValue, _ line: String) throws {
    if json { try StandardOutput.main.json(document) } else { try StandardOutput.main.line(line) }
  }
}
