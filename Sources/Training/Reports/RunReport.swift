import Experiment
import Files
import Foundation
import Network
import Reports
import Store
import Terminal

/// The page and the model card of a run, made from its files and, where it is there, its store: the
/// best weights, measured again in detail.
///
/// ```swift
/// let report = try RunReport("runs/7")
/// for notice in report.notices { printError(notice) }
/// print(try report.write())           // runs/7/report.html and the rest
/// ```
package struct RunReport {
  private let files: RunFiles
  private let settings: TrainSettings
  private let model: HydraNet
  /// nil where the store is not there.
  private let data: TrainingData?
  /// What there is to know about the report, for people.
  package let notices: [String]

  /// - Parameters:
  ///   - shards: where the run's store is now; nil for where it was.
  ///   - threads: of the engine; nil for all cores.
  /// - Throws: what is wrong with the run's files, or with the store that was named.
  package init(_ run: String, shards: String? = nil, threads: Int? = nil) throws {
    files = try RunFiles(RunFolder(run))
    let (data, problem) = try Self.store(of: files, shards: shards)
    self.data = data
    notices = [files.unfinished, problem].compactMap(\.self)
    var settings = files.about.settings
    settings.fold = files.settings.fold
    settings.threads = threads
    if let data { settings.tasks = data.tasks }
    let size = files.about.imageSize
    // The run's own batches, so that sums are rounded as they were; a file says their size.
    settings.batchSize =
      data == nil ? 1 : min(settings.batchSize, TrainedModel.largestBatch(imageSize: size))
    try settings.validate()
    self.settings = settings
    model = try TrainedModel(files.weights, settings: settings, imageSize: size).model
  }

  /// - Parameters:
  ///   - model: holds the run's best weights.
  init(_ files: RunFiles, settings: TrainSettings, model: HydraNet, data: TrainingData) {
    self.files = files
    self.settings = settings
    self.model = model
    self.data = data
    notices = [files.unfinished].compactMap(\.self)
  }

  /// Opens the run's store. One that is not where it was, or is not the same any more, only leaves
  /// parts of the page out, unless it was named for this report.
  private static func store(
    of files: RunFiles, shards: String?
  ) throws -> (TrainingData?, problem: String?) {
    guard let path = shards ?? files.store else {
      return (nil, "The run does not say its store; give it with --shards DIR.")
    }
    do {
      let data = try TrainingData(
        shards: path, tasks: files.about.settings.tasks, fold: files.settings.fold)
      guard files.about.store?.hasSameContent(as: data.store.identity) != false,
        data.imageSize == files.about.imageSize
      else {
        throw TrainingError(
          "\(path) is not the store that \(files.folder.path) was trained on; give the run's own "
            + "with --shards DIR")
      }
      return (data, nil)
    } catch  where shards == nil {
      return (
        nil,
        "Figures by group and pictures are left out, as the store cannot be used (\(error)); where it "
          + "was moved, give it with --shards DIR."
      )
    }
  }

  /// Writes report.html, model-card.md and metrics.csv into the run's folder, each whole or not at
  /// all, and none before all of them are made.
  ///
  /// - Parameters:
  ///   - page: another place for the page alone; the run's folder is then left as it is.
  ///   - showsFaces: whether the page has the images that the network did best and worst on.
  /// - Returns: the paths of the page and, where it was written, the card.
  /// - Throws: `FileError` also where another process writes into the run's folder.
  @discardableResult
  package func write(page: String? = nil, showsFaces: Bool = true) throws -> [String] {
    let folder = files.folder
    if let page {
      try checkOutput(
        page,
        isNoneOf: folder.ownFiles.filter { $0 != folder.report }
          + [data?.store.path].compactMap(\.self))
      try folder.write(RunReportPage(input(showsFaces: showsFaces)).text(), to: page)
      return [page]
    }
    let claim = try folder.claimToResume()
    return try withExtendedLifetime(claim) { try writeIntoFolder(showsFaces: showsFaces) }
  }

  /// - Precondition: this process has claimed the folder.
  @discardableResult
  func writeIntoFolder(showsFaces: Bool) throws -> [String] {
    let folder = files.folder
    let input = try input(showsFaces: showsFaces)
    let page = try RunReportPage(input).text()
    let card = ModelCard(try cardInput(input)).text()
    try folder.write(MetricsCSV.text(of: files.history), to: folder.csv)
    try folder.write(card, to: folder.card)
    try folder.write(page, to: folder.report)
    return [folder.report, folder.card]
  }

  private func input(showsFaces: Bool) throws -> RunReportInput {
    var input = RunReportInput(
      title: files.name,
      subtitle: ([settings.model.title, settings.tasks.map(\.name).joined(separator: ", ")]
        + [files.store.map { URL(fileURLWithPath: $0).lastPathComponent }].compactMap(\.self))
        .joined(separator: " · "),
      facts: facts(), notes: notices, history: files.history, bestEpoch: files.best.epoch,
      units: units, configuration: files.configuration, provenance: files.provenance,
      program: "hydra-train \(PackageVersion.text)")
    if let data, let split = data.validation {
      // Refuses labels that are none of the classes.
      _ = try data.classCounts(in: split)
      let (evaluation, outputs, labels) = try Evaluator(
        data: data, settings: settings, groupings: try groupings(of: split, data)
      ).run(model, on: split)
      input.evaluation = evaluation
      input.overall = GroupAnalysis(
        Grouping(
          columns: [], names: [[]], groups: [Int?](repeating: 0, count: evaluation.sampleCount)),
        tasks: settings.tasks, outputs: outputs, labels: labels)
      if showsFaces {
        input.pictures = try ReportPictures(
          evaluation: evaluation, outputs: outputs, data: data, split: split
        ).groups()
      }
    }
    return input
  }

  /// The page's groups: two columns of classes crossed, and each column that a task learns alone.
  private func groupings(of split: SplitReader, _ data: TrainingData) throws -> [Grouping] {
    let usual = try data.usualGrouping(in: split).map { [$0] } ?? []
    return try usual.filter { $0.columns.count == 2 }
      + data.classColumns(in: split).sorted().map { try data.grouping(by: $0, in: split) }
  }

  /// By task, the unit of its column.
  private var units: [String: String] {
    Dictionary(
      settings.tasks.compactMap { task in
        let column = data?.store.schema.columns.first { $0.name == task.column }
        return column?.unit.map { (task.name, $0) }
      }, uniquingKeysWith: { first, _ in first })
  }

  private var trainingCount: Int? {
    data?.splits.first { $0.name == SplitRule.train }?.sampleCount
      ?? files.about.trainingSources.flatMap { $0.count > 0 ? $0.count : nil }
  }

  private func facts() -> [RunReportInput.Fact] {
    var facts: [RunReportInput.Fact] = []
    func add(_ label: String, _ text: String?) {
      if let text, !text.isEmpty { facts.append(.init(label, text)) }
    }
    let size = files.about.imageSize
    let store = files.about.store
    let threads = files.sessions.last?.threads
    add("Training images", trainingCount.map(grouped))
    add("Validation images", data.map { grouped($0.validation?.sampleCount ?? 0) })
    add("Image size", "\(size) × \(size)")
    add("Parameters", grouped(model.parameterCount))
    add("Optimizer steps", files.history.epochs.last.map { grouped($0.step) })
    add(
      "Engine",
      files.settings.precision.rawValue
        + (threads.map { $0 == 1 ? ", 1 thread" : ", \($0) threads" } ?? ""))
    add("Best by", files.bestMetric.name)
    add("Data", (store?.contentSHA256 ?? store?.metadataSHA256).map { String($0.prefix(12)) })
    add("Recipe", files.about.recipe.map { String($0.sha256.prefix(12)) })
    return facts
  }

  private func cardInput(_ report: RunReportInput) throws -> ModelCardInput {
    let train = data?.splits.first { $0.name == SplitRule.train }
    let counts = try train.map { split in try data?.classCounts(in: split) ?? [] }
    return ModelCardInput(
      report: report, network: settings.model.title, isAttention: settings.model.name == .mtan,
      imageSize: files.about.imageSize, parameterCount: model.parameterCount,
      tasks: settings.tasks, classNames: files.about.classNames,
      weights: URL(fileURLWithPath: files.folder.best).lastPathComponent,
      bestMetric: files.bestMetric.name, trainingCount: trainingCount,
      classCounts: counts ?? [], fold: files.settings.fold,
      isCalibrated: exists(Calibration.path(besides: files.folder.best)))
  }
}

extension TrainingRun {
  /// Writes metrics.csv, report.html and model-card.md of a run that has ended.
  ///
  /// The network holds the best weights afterward.
  package func writeReports(showsFaces: Bool = true) throws {
    guard !progress.best.entries.isEmpty, exists(folder.best) else {
      let history = RunHistory(epochs: try folder.records())
      return try folder.write(MetricsCSV.text(of: history), to: folder.csv)
    }
    let files = try RunFiles(folder)
    try loadWeights(folder.best)
    try RunReport(files, settings: settings, model: model, data: data)
      .writeIntoFolder(showsFaces: showsFaces)
  }
}
