import Experiment
import Files
import Foundation
import Images
import Network
import Reports
import Terminal

extension TrainingRun {
  /// Writes metrics.csv and report.html of a run that has ended: the best weights, measured again
  /// in detail, with pictures.
  ///
  /// The network holds the best weights afterwards.
  package func writeReports() throws {
    let records = try folder.records()
    let history = RunHistory(epochs: records)
    try folder.write(MetricsCSV.text(of: history), to: folder.csv)
    guard let best = progress.best.entries.first, exists(folder.best) else { return }
    let input = RunReportInput(
      title: URL(fileURLWithPath: folder.path).lastPathComponent,
      subtitle:
        "\(settings.model.title) · \(settings.tasks.map(\.name).joined(separator: ", ")) · "
        + URL(fileURLWithPath: data.store.path).lastPathComponent,
      facts: try facts(), history: history, bestEpoch: best.epoch,
      units: settings.tasks.contains { $0.name == "age" } ? ["age": "years"] : [:],
      evaluation: try detailedEvaluation(), configuration: configurationText)
    let page = try RunReportPage(input) { pixels, width, height in
      var image = RGBImage(width: width, height: height)
      image.pixels = pixels
      return try PNGWriter.encode(image)
    }
    try folder.write(page.text(), to: folder.report)
  }

  private func facts() throws -> [RunReportInput.Fact] {
    let train = try data.split("train").sampleCount
    return [
      .init("Training images", grouped(train)),
      .init("Validation images", grouped(data.validation?.sampleCount ?? 0)),
      .init("Image size", "\(data.imageSize) × \(data.imageSize)"),
      .init("Parameters", grouped(model.parameterCount)),
      .init("Optimiser steps", grouped(progress.step)),
      .init("Engine", "f32, \(model.pool.threadCount) threads"),
      .init("Best by", progress.best.metric.name),
      .init(
        "Data",
        String((data.store.identity.contentSHA256 ?? data.store.identity.metadataSHA256).prefix(12))
      ),
      .init("Recipe", String((about.recipe?.sha256 ?? "").prefix(12))),
    ]
  }

  /// Measures the best weights on the validation split.
  private func detailedEvaluation() throws -> EvaluationDetails? {
    guard let split = data.validation else { return nil }
    try loadWeights(folder.best)
    let evaluator = Evaluator(data: data, settings: settings)
    let (evaluation, outputs) = try evaluator.run(model, on: split)
    return try ReportDetails(
      evaluation: evaluation, outputs: outputs, data: data, split: split, about: about
    ).details()
  }
}
