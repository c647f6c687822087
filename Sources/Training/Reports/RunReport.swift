import Experiment
import Files
import Foundation
import Reports
import Store
import Terminal

extension TrainingRun {
  /// Writes metrics.csv and report.html of a run that has ended: the best weights, measured again
  /// in detail, with pictures.
  ///
  /// The network holds the best weights afterward.
  package func writeReports() throws {
    let records = try folder.records()
    let history = RunHistory(epochs: records)
    try folder.write(MetricsCSV.text(of: history), to: folder.csv)
    guard let best = progress.best.entries.first, exists(folder.best) else { return }
    var input = RunReportInput(
      title: URL(fileURLWithPath: folder.path).lastPathComponent,
      subtitle:
        "\(settings.model.title) · \(settings.tasks.map(\.name).joined(separator: ", ")) · "
        + URL(fileURLWithPath: data.store.path).lastPathComponent,
      facts: try facts(), history: history, bestEpoch: best.epoch,
      units: settings.tasks.contains { $0.name == "age" } ? ["age": "years"] : [:],
      configuration: configurationText)
    if let split = data.validation {
      try loadWeights(folder.best)
      let (evaluation, outputs, _) = try Evaluator(
        data: data, settings: settings, groupings: try groupings(of: split)
      ).run(model, on: split)
      input.evaluation = evaluation
      input.pictures = try ReportPictures(
        evaluation: evaluation, outputs: outputs, data: data, split: split
      ).groups()
    }
    try folder.write(RunReportPage(input).text(), to: folder.report)
  }

  /// The page's groups: two columns of classes crossed, and each column that a task learns alone.
  private func groupings(of split: SplitReader) throws -> [Grouping] {
    let usual = try data.usualGrouping(in: split).map { [$0] } ?? []
    return try usual.filter { $0.columns.count == 2 }
      + data.classColumns(in: split).sorted().map { try data.grouping(by: $0, in: split) }
  }

  private func facts() throws -> [RunReportInput.Fact] {
    let train = try data.split("train").sampleCount
    return [
      .init("Training images", grouped(train)),
      .init("Validation images", grouped(data.validation?.sampleCount ?? 0)),
      .init("Image size", "\(data.imageSize) × \(data.imageSize)"),
      .init("Parameters", grouped(model.parameterCount)),
      .init("Optimizer steps", grouped(progress.step)),
      .init("Engine", "f32, \(model.pool.threadCount) threads"),
      .init("Best by", progress.best.metric.name),
      .init(
        "Data",
        String((data.store.identity.contentSHA256 ?? data.store.identity.metadataSHA256).prefix(12))
      ),
      .init("Recipe", String((about.recipe?.sha256 ?? "").prefix(12))),
    ]
  }
}
