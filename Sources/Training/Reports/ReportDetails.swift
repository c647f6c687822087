import Experiment
import Foundation
import Reports
import Store
import Terminal

/// Turns an evaluation into what a report shows: tables with class names, groups, pictures.
struct ReportDetails {
  let evaluation: Evaluation
  /// By task, the outputs [samples][outputs].
  let outputs: [[Float]]
  let data: TrainingData
  let split: SplitReader
  let about: WeightDescription

  private static let picturesPerGroup = 24

  func details() throws -> EvaluationDetails {
    var confusions: [EvaluationDetails.Confusion] = []
    var ranges: [EvaluationDetails.ErrorsByRange] = []
    for (task, metrics) in zip(evaluation.tasks, evaluation.metrics) {
      switch metrics {
      case .regression(let metrics):
        ranges.append(
          .init(
            task: task.name,
            ranges: metrics.decades.map {
              .init(label: "\($0.start)–\($0.start + 9)", count: $0.count, error: $0.mae)
            }))
      case .binary(let metrics): confusions.append(confusion(task, metrics.confusion))
      case .categorical(let metrics): confusions.append(confusion(task, metrics.confusion))
      }
    }
    return EvaluationDetails(
      split: split.name, sampleCount: evaluation.sampleCount, figures: evaluation.figures,
      confusions: confusions, errorsByRange: ranges, groups: groups(), pictures: try pictures())
  }

  private func confusion(_ task: TaskSettings, _ counts: [[Int]]) -> EvaluationDetails.Confusion {
    .init(
      task: task.name, classes: counts.indices.map { about.className($0, task: task.name) },
      counts: counts)
  }

  private func groups() -> EvaluationDetails.Groups? {
    guard !evaluation.groups.isEmpty else { return nil }
    let total = Double(evaluation.sampleCount)
    let columns = evaluation.tasks.indices.map { task in
      let isShare = evaluation.tasks[task].kind != .regression
      return EvaluationDetails.Groups.Column(
        title: evaluation.tasks[task].name + (isShare ? " errors" : " MAE"), isShare: isShare,
        overall: evaluation.groups.reduce(0) {
          $0 + $1.errors[task] * Double($1.count) / total
        })
    }
    return .init(
      names: evaluation.groupingTasks, columns: columns,
      rows: evaluation.groups.map { group in
        .init(
          labels: zip(evaluation.groupingTasks, group.labels).map {
            about.className($1, task: $0)
          }, count: group.count, errors: group.errors)
      })
  }

  /// The images that the network did worst and best on, by the loss of the whole objective.
  private func pictures() throws -> [EvaluationDetails.PictureGroup] {
    let labels = try data.labels.map { labels in
      labels.values(of: try split.column(labels.task.column).floats)
    }
    let losses = (0..<evaluation.sampleCount).map { loss(of: $0, labels) }
    let order = losses.indices.sorted { losses[$0] > losses[$1] }
    let count = min(Self.picturesPerGroup, order.count / 2)
    guard count > 0 else { return [] }
    let names = try split.names()
    let decoder = SampleDecoder(layout: split.layout)
    let worst = try order.prefix(count).map { try picture($0, labels, names, decoder) }
    let best = try order.suffix(count).reversed().map { try picture($0, labels, names, decoder) }
    return [
      .init(
        title: "Worst predictions", note: "The validation images with the largest loss.",
        pictures: worst),
      .init(
        title: "Best predictions", note: "The validation images with the smallest loss.",
        pictures: best),
    ]
  }

  /// A sample's part of the objective, in the plain form of each loss.
  private func loss(of sample: Int, _ labels: [[Float]]) -> Double {
    evaluation.tasks.indices.reduce(0) { sum, task in
      let settings = evaluation.tasks[task]
      let label = Double(labels[task][sample])
      guard !label.isNaN else { return sum }
      let row = outputs(of: sample, task: task)
      switch settings.kind {
      case .regression: return sum + settings.weight * abs(row[0] - label)
      case .binary:
        let margin = label > 0.5 ? row[0] : -row[0]
        return sum + settings.weight * (max(0, -margin) + log1p(exp(-abs(margin))))
      case .categorical:
        return sum - settings.weight * log(max(softmax(row)[Int(label)], 1e-30))
      }
    }
  }

  private func outputs(of sample: Int, task: Int) -> [Double] {
    let width = outputs[task].count / evaluation.sampleCount
    return outputs[task][sample * width..<(sample + 1) * width].map { Double($0) }
  }

  private func picture(
    _ sample: Int, _ labels: [[Float]], _ names: [String], _ decoder: SampleDecoder
  ) throws -> EvaluationDetails.Picture {
    let size = split.layout.size
    let plane = size * size
    let planes = try [UInt8](unsafeUninitializedCapacity: 3 * plane) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      try split.decode(sample: sample, into: base, decoder: decoder)
      count = 3 * plane
    }
    let pixels = (0..<3 * plane).map { planes[$0 % 3 * plane + $0 / 3] }
    let predictions = evaluation.tasks.indices.map { task in
      prediction(outputs(of: sample, task: task), labels[task][sample], task: task)
    }
    return .init(
      width: size, height: size, rgb: pixels, name: names[sample], predictions: predictions)
  }

  private func prediction(
    _ outputs: [Double], _ value: Float, task: Int
  ) -> EvaluationDetails.Picture.Prediction {
    let name = evaluation.tasks[task].name
    let label = Int(exactly: value.rounded())
    let truth = label.map { "\($0)" } ?? "unknown"
    guard evaluation.tasks[task].kind != .regression else {
      return .init(
        truth: "\(name) \(truth)", prediction: fixed(outputs[0], 0),
        isRight: abs(outputs[0] - Double(value)) <= 5)
    }
    let best =
      outputs.count == 1
      ? (outputs[0] > 0 ? 1 : 0)
      : outputs.indices.reduce(0) { outputs[$1] > outputs[$0] ? $1 : $0 }
    return .init(
      truth: label.map { about.className($0, task: name) } ?? truth,
      prediction: about.className(best, task: name),
      isRight: best == label)
  }
}
