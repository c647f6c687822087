import Experiment
import Metrics
import Store

/// Fits a calibration on one half of a split, and measures it on the other half.
package struct Calibrator {
  let model: TrainedModel
  let data: TrainingData
  let split: SplitReader
  let augmentation: TestTimeAugmentation

  /// Fewer labels than this in a half say too little about a head.
  private static let fewestLabels = 20

  package init(
    _ model: TrainedModel, data: TrainingData, split: String, augmentation: TestTimeAugmentation
  ) throws {
    self.model = model
    self.data = data
    self.split = try data.split(split)
    self.augmentation = augmentation
  }

  /// - Parameters:
  ///   - weightsSHA256: of the model's file.
  ///   - percent: the coverage to report on.
  ///   - progress: told how many samples are done, batch after batch.
  /// - Throws: `TrainingError` where a half has too few labels of a task.
  package func run(
    weightsSHA256: String, percent: Int, progress: (Int) -> Void = { _ in }
  ) throws -> (Calibration, CalibrationReport) {
    let isFitted = try split.sources().map(Calibration.isFitted)
    let (_, outputs, labels) = try model.measure(
      data, on: split, rule: AnswerRule(augmentation: augmentation), progress: progress)
    var heads: [String: Calibration.Head] = [:]
    var reports: [CalibrationReport.Head] = []
    for (index, task) in model.settings.tasks.enumerated() {
      func half(_ isWanted: (Bool) -> Bool) throws -> HeadSamples {
        let samples = HeadSamples(
          task.kind, outputs: outputs[index], labels: labels[index],
          of: isFitted.indices.filter { isWanted(isFitted[$0]) })
        guard samples.labels.count >= Self.fewestLabels else {
          throw TrainingError(
            "split \(split.name) of \(data.store.path) has \(samples.labels.count) labels of "
              + "\(task.name) in one half, expected at least \(Self.fewestLabels); calibrate on a "
              + "larger split")
        }
        return samples
      }
      let (fitted, reported) = (try half { $0 }, try half { !$0 })
      let temperature =
        task.kind == .regression
        ? 1 : Temperature.fit(task.kind, outputs: fitted.outputs, labels: fitted.labels)
      let conformal = ConformalTable(scores: fitted.scaled(by: temperature).scores)
      let limits = limits(of: task)
      heads[task.name] = .init(
        kind: task.kind, temperature: temperature, conformal: conformal, limits: limits)
      reports.append(
        .init(
          task: task.name, before: reported, after: reported.scaled(by: temperature),
          temperature: temperature, threshold: conformal[percent: percent], limits: limits))
    }
    return (
      Calibration(
        weightsSHA256: weightsSHA256, store: data.store.identity, split: split.name,
        fittedCount: isFitted.count { $0 }, augmentation: augmentation, heads: heads),
      CalibrationReport(
        split: split.name, fittedCount: isFitted.count { $0 },
        reportedCount: isFitted.count { !$0 }, augmentation: augmentation, percent: percent,
        heads: reports)
    )
  }

  /// What the store says of the task's column, within what an interval may hold.
  private func limits(of task: TaskSettings) -> ClosedRange<Double> {
    let (any, column) = (
      ConformalTable.anyNumber, split.columns.first { $0.name == task.column }
    )
    guard task.kind == .regression, let column else { return any }
    let low = column.minimum ?? any.lowerBound
    return (low...(column.maximum ?? max(low, any.upperBound))).clamped(to: any)
  }
}

/// A head's outputs for some samples whose label is known.
struct HeadSamples {
  let kind: TaskSettings.Kind
  /// [samples][outputs].
  let outputs: [Float]
  let labels: [Float]

  private init(kind: TaskSettings.Kind, outputs: [Float], labels: [Float]) {
    (self.kind, self.outputs, self.labels) = (kind, outputs, labels)
  }

  init(_ kind: TaskSettings.Kind, outputs: [Float], labels: [Float], of samples: [Int]) {
    let width = outputs.count / max(1, labels.count)
    let known = samples.filter { !labels[$0].isNaN }
    self.init(
      kind: kind, outputs: known.flatMap { outputs[$0 * width..<($0 + 1) * width] },
      labels: known.map { labels[$0] })
  }

  func scaled(by temperature: Double) -> HeadSamples {
    let divisor = Float(temperature)
    return HeadSamples(kind: kind, outputs: outputs.map { $0 / divisor }, labels: labels)
  }

  var answers: [HeadAnswer] {
    let width = outputs.count / max(1, labels.count)
    return labels.indices.map { HeadAnswer(kind, outputs[$0 * width..<($0 + 1) * width]) }
  }

  var scores: [Double] { zip(answers, labels).map { $0.score(label: $1) } }

  /// Mean loss: of a class head, the negative log-likelihood.
  var loss: Double {
    zip(answers, labels).reduce(0) { $0 + $1.0.loss(label: $1.1) } / Double(max(1, labels.count))
  }
}
