import ArgumentParser
import Faces
import Files
import Foundation
import Photographs
import Store
import Terminal

struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show the labels of a store, or of a folder of images by their names.",
    discussion: """
      Ages by decade, gender, race, gender by race, how far train and validation
      differ, channel mean and deviation, and the class weights that would balance
      the labels. No image is decoded.

        utk-prep stats data/shards/utkface-32
        utk-prep stats data/raw/UTKFace --json
      """)

  @Argument(help: "A store, or a folder of images.", completion: .directory)
  var path: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let isStore = FileManager.default.fileExists(
      atPath: "\(path)/\(StoreFormat.rootMetadataFile)")
    let result = try isStore ? LabelSummary(store: path) : LabelSummary(folder: path)
    if json {
      try StandardOutput.main.json(result.json())
    } else {
      try StandardOutput.main.lines(result.report.lines())
    }
  }
}

/// The statistics of every split of a store, or of the one lot that a folder is.
private struct LabelSummary {
  private var splits: [(name: String, statistics: LabelStatistics)] = []
  private var drift: LabelDrift?
  private var mean: [Double] = []
  private var deviation: [Double] = []

  init(store path: String) throws {
    let store = try StoreReader(path: path)
    for split in store.splits {
      func values(_ field: LabelField) throws -> [UInt8] {
        let values = try split.column(field.rawValue)
        guard values.column.sampleByteCount == 1 else {
          throw StatsError(
            description: "column \(field.rawValue) of \(path) is not one byte a sample, as "
              + "UTKFace's is; stats knows no other")
        }
        return values.bytes
      }
      splits.append(
        (
          split.name,
          try LabelStatistics(
            ages: values(.age), genders: values(.gender), races: values(.race))
        ))
    }
    let byName = Dictionary(
      splits.map { ($0.name, $0.statistics) }, uniquingKeysWith: { a, _ in a })
    if let train = byName["train"], let validation = byName["validation"] {
      drift = LabelDrift(train: train, validation: validation)
    }
    mean = store.dataset["channel_mean"]?.arrayValue?.compactMap(\.doubleValue) ?? []
    deviation = store.dataset["channel_std"]?.arrayValue?.compactMap(\.doubleValue) ?? []
  }

  init(folder: String) throws {
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    let files = try FileList.paths(of: FolderSource(folder, spool: spool), spool: spool).files
    var counter = LabelCounter()
    try files.forEachPath { _, path in
      if case .success(let name) = FaceFileName.parse(bytes: FileList.baseName(of: path)) {
        counter.add(name.labels)
      }
    }
    guard counter.count > 0 else {
      throw StatsError(
        description: "\(folder) is neither a store nor a folder with UTKFace names in it; expected "
          + "files such as 25_0_1_20170101000000000.jpg")
    }
    splits = [("files", LabelStatistics(counter))]
  }

  var report: LabelReport {
    LabelReport(
      splits: splits.map { LabelReport.Split(name: $0.name, statistics: $0.statistics) },
      drift: drift,
      channels: mean.count == 3 && deviation.count == 3
        ? LabelReport.Channels(mean: mean, standardDeviation: deviation) : nil)
  }

  private struct Document: Encodable {
    var splits: [String: LabelStatistics]
    var drift: LabelDrift?
    var channelMean: [Double]?
    var channelDeviation: [Double]?

    enum CodingKeys: String, CodingKey {
      case splits, drift
      case channelMean = "channel_mean"
      case channelDeviation = "channel_std"
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let document = Document(
      splits: Dictionary(
        splits.map { ($0.name, $0.statistics) }, uniquingKeysWith: { a, _ in a }),
      drift: drift, channelMean: mean.isEmpty ? nil : mean,
      channelDeviation: deviation.isEmpty ? nil : deviation)
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }
}

private struct StatsError: Error, CustomStringConvertible {
  let description: String
}
