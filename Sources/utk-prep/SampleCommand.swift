import ArgumentParser
import Experiment
import Files
import Images
import Store
import Terminal

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw samples of a store with their labels as one picture.",
    usage: "utk-prep sample <store> --output <file> [<options>]",
    discussion: """
      The samples are what a trainer sees: decoded from the shards, not from the
      photographs. The first ones of a split are a random choice already: a store
      keeps its samples in shuffled order.

        utk-prep sample data/shards/utkface-32 --output grid.png
        utk-prep sample data/shards/utkface-32 --split validation --count 24 \\
          --start 100 --output grid.png
        utk-prep sample data/shards/utkface-32 --where "race=Indian,age>80" \\
          --output old.png

      --where takes comparisons of columns (=, !=, <, <=, >, >=), all of which
      must hold; classes by name or number. A missing label satisfies none.
      """)

  @Argument(help: "The store.", completion: .directory)
  var store: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The picture to write: a .png or .jpg file.", valueName: "file"),
    completion: .file(extensions: ["png", "jpg", "jpeg"]))
  var output: String

  @Option(help: "The split to show.", completion: .list(["train", "validation"]))
  var split = "train"

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("Show only samples like these: age>80,race=4.", valueName: "condition"))
  var condition: String?

  @Option(help: "How many samples, at most 2048.")
  var count = 60

  @Option(help: "The first sample; with --where, of those that it leaves.")
  var start = 0

  @Option(help: "Samples in a row.")
  var columns = 10

  func validate() throws {
    guard (1...2048).contains(count) else { throw ValidationError("--count takes 1 to 2048.") }
    guard (1...64).contains(columns) else { throw ValidationError("--columns takes 1 to 64.") }
    guard start >= 0 else { throw ValidationError("--start takes 0 or more.") }
    guard ImageFormat.written(to: output) != nil else {
      throw ValidationError("--output takes a file that ends in .png or .jpg, not '\(output)'.")
    }
  }

  func run() throws {
    try checkOutput(output, isNoneOf: [store])
    let store = try StoreReader(path: store)
    var split = try store.split(split)
    if let condition { split = try self.split(split, where: condition) }
    guard start < split.sampleCount else {
      let which = condition.map { " that meet \(quoted($0))" } ?? ""
      let count = split.sampleCount
      throw StoreError(
        .notFound, file: "\(store.path)/\(split.name)",
        count == 0
          ? "has no samples\(which)"
          : "has \(count) samples\(which), numbered from 0; there is no sample \(start)")
    }
    guard let encode = ImageFormat.written(to: output)?.encode else { return }
    let picture = try encode(sheet(split, store.layout).render())
    try AtomicFile.write(picture, to: output)
    try StandardOutput.main.line(
      "\(output): \(min(count, split.sampleCount - start)) samples of \(split.name)")
  }

  /// The samples of a split that meet a condition.
  private func split(_ split: SplitReader, where text: String) throws -> SplitReader {
    let condition = try SampleCondition(text, columns: split.columns)
    var columns: [String: ColumnValues] = [:]
    for name in condition.columns { columns[name] = try split.column(name) }
    let samples = (0..<split.sampleCount).filter { sample in
      condition.holds { columns[$0]?.value(sample) }
    }
    return split.selecting(samples, as: split.name)
  }

  private func sheet(_ split: SplitReader, _ layout: ImageLayout) throws -> ContactSheet {
    // Small images are magnified, so that a caption has room.
    var sheet = ContactSheet(
      tileSize: layout.size, columns: columns, magnification: max(1, 96 / layout.size))
    let labels = try split.columns.filter { $0.role == .label && $0.width == 1 }.map {
      try split.column($0.name)
    }
    let decoder = SampleDecoder(layout: layout)
    var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
    for sample in start..<min(start + count, split.sampleCount) {
      let image = try pixels.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress {
          try split.decode(sample: sample, into: base, decoder: decoder)
        }
        return RGBImage(planes: UnsafeBufferPointer(buffer), size: layout.size)
      }
      let words = labels.map { $0.column.text(of: $0.value(sample)) }
      sheet.add(
        image,
        caption: words.prefix(2).joined(separator: " ") + "\n"
          + words.dropFirst(2).joined(separator: " "))
    }
    return sheet
  }
}
