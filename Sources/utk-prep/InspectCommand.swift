import ArgumentParser
import Experiment
import Store
import Terminal

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a store is, or the record of one of its samples.",
    usage: "utk-prep inspect <store> [<split> <index>] [--json]",
    discussion: """
      Format, layout, codec, splits, columns with their classes and missing labels,
      bytes by array, the recipe and source that it was built from, and its
      identities. With a split and a number from 0 on, that sample: its path, the
      hash of its file, its labels and measures.

        utk-prep inspect data/shards/utkface-32
        utk-prep inspect data/shards/utkface-32 validation 17
      """)

  @Argument(help: "The store.", completion: .directory)
  var store: String

  @Argument(help: "The split of one sample.")
  var split: String?

  @Argument(help: "The number of the sample in the split, from 0.")
  var index: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard (split == nil) == (index == nil) else {
      throw ValidationError("A sample is given by its split and its number, such as train 0.")
    }
    guard index.map({ $0 >= 0 }) ?? true else {
      throw ValidationError("The number of a sample is 0 or more.")
    }
  }

  func run() throws {
    let reader = try StoreReader(path: store)
    let document: JSONValue
    let lines: [String]
    if let split, let index {
      let record = try SampleRecord(reader, reader.split(split), index)
      (document, lines) = (record.json, record.lines())
    } else {
      let description = try StoreDescription(reader)
      (document, lines) = (description.json, description.lines())
    }
    if json {
      try StandardOutput.main.json(document)
    } else {
      try StandardOutput.main.lines(lines)
    }
  }
}
