import ArgumentParser
import Faces
import Files
import Images
import Store

struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draws samples of a store with their labels as one PNG picture.",
    discussion: """
      The samples are what a trainer sees: decoded from the shards, not from the
      photographs. They are the first of the split, which stands in shuffled order.

        utk-prep sample data/shards/utkface-32 --output grid.png
        utk-prep sample data/shards/utkface-32 --split validation --count 24 \\
          --start 100 --output grid.png
      """)

  @Argument(help: "The store.")
  var store: String

  @Option(name: .shortAndLong, help: "The PNG file to write.")
  var output: String

  @Option(help: "The split to show.")
  var split = "train"

  @Option(help: "How many samples, at most 2048.")
  var count = 60

  @Option(help: "The first sample.")
  var start = 0

  @Option(help: "Samples in a row.")
  var columns = 10

  func validate() throws {
    guard (1...2048).contains(count) else { throw ValidationError("--count takes 1 to 2048.") }
    guard (1...64).contains(columns) else { throw ValidationError("--columns takes 1 to 64.") }
    guard start >= 0 else { throw ValidationError("--start takes 0 or more.") }
  }

  func run() throws {
    try Console.run {
      try checkOutput(output, isNoneOf: [store])
      let store = try StoreReader(path: store)
      let split = try store.split(split)
      guard start < split.sampleCount else {
        throw StoreError(
          .notFound, file: "\(store.path)/\(split.name)",
          "has \(split.sampleCount) samples, none from \(start) on")
      }
      let png = try sheet(split, store.layout).png()
      try AtomicFile.write(png, to: output)
      print("\(output): \(min(count, split.sampleCount - start)) samples of \(split.name)")
    }
  }

  private func sheet(_ split: SplitReader, _ layout: ImageLayout) throws -> ContactSheet {
    // Small images are magnified, so that a caption has room.
    var sheet = ContactSheet(
      tileSize: layout.size, columns: columns, magnification: max(1, 96 / layout.size))
    let ages = try split.column("age")
    let genders = try split.column("gender")
    let races = try split.column("race")
    let decoder = SampleDecoder(layout: layout)
    var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
    for sample in start..<min(start + count, split.sampleCount) {
      let image = try pixels.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress {
          try split.decode(sample: sample, into: base, decoder: decoder)
        }
        return RGBImage(planes: UnsafeBufferPointer(buffer), size: layout.size)
      }
      let caption =
        "\(ages[sample]) \(name(genders[sample], FaceLabels.genderNames))\n"
        + name(races[sample], FaceLabels.raceNames)
      sheet.add(image, caption: caption)
    }
    return sheet
  }

  private func name(_ label: UInt8, _ names: [String]) -> String {
    Int(label) < names.count ? names[Int(label)] : "\(label)"
  }
}
