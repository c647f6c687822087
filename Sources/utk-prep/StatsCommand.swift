import ArgumentParser
import Experiment
import Faces
import Files
import Foundation
import Photographs
import PipelineFiles
import SettingFlags
import Store
import Terminal

struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show the labels of a store, or of a folder of images.",
    discussion: """
      Histograms of classes, figures and bins of numbers, missing labels, how far
      train and validation differ, channel mean and deviation, and the class
      weights that would balance the labels. No image is decoded.

        utk-prep stats data/shards/utkface-32
        utk-prep stats data/raw/UTKFace --json
        utk-prep stats photos --labels labels.csv
      """)

  @Argument(help: "A store, or a folder of images.", completion: .directory)
  var path: String

  @OptionGroup var labels: FolderLabels

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let isStore = FileManager.default.fileExists(
      atPath: "\(path)/\(StoreFormat.rootMetadataFile)")
    let result =
      try isStore ? LabelSummary(store: path) : LabelSummary(folder: path, labels.settings().labels)
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
    let columns = LabelStatistics.columns(of: store.schema.columns)
    var values: [String: [[Float]]] = [:]
    for split in store.splits {
      let lists = try columns.map { try split.column($0.name).floats }
      splits.append((split.name, LabelStatistics(Array(zip(columns, lists)))))
      values[split.name] = lists
    }
    if let train = values["train"], let validation = values["validation"] {
      drift = LabelDrift(
        columns.indices.map { (columns[$0], train[$0], validation[$0]) })
    }
    mean = store.dataset["channel_mean"]?.arrayValue?.compactMap(\.doubleValue) ?? []
    deviation = store.dataset["channel_std"]?.arrayValue?.compactMap(\.doubleValue) ?? []
  }

  init(folder: String, _ settings: LabelSettings) throws {
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    let files = try FileList.paths(of: FolderSource(folder, spool: spool), spool: spool).files
    let labels = try LabelSources.open(
      settings, strict: false, source: folder, spool: spool
    ) { body in try files.forEachPath { try body($1) } }
    for notice in labels.notices { printError("note: \(notice)") }
    var values = [[Float]](repeating: [], count: labels.columns.count)
    try files.forEachPath { _, path in
      guard case .success(let row) = try labels.labels(of: path) else { return }
      for (index, value) in row.values(of: labels.columns).enumerated() {
        values[index].append(value?.number.map { Float($0) } ?? .nan)
      }
    }
    guard values.first?.isEmpty == false else {
      throw StatsError(
        description:
          "\(folder) is neither a store nor a folder with labels; expected files such as "
          + "25_0_1_20170101000000000.jpg, or give --labels FILE or --labels-from folders")
    }
    let columns = LabelStatistics.columns(of: labels.columns)
    splits = [
      ("files", LabelStatistics(zip(labels.columns, values).filter { columns.contains($0.0) }))
    ]
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
