import Experiment
import Images
import Reports
import Store
import Terminal

/// The images of a report page: those that the network did worst and best on, by the loss of the
/// whole objective.
struct ReportPictures {
  let evaluation: Evaluation
  /// By task, the outputs [samples][outputs].
  let outputs: [[Float]]
  let data: TrainingData
  let split: SplitReader

  private static let mostPerGroup = 24
  /// A page of more pixels would be too large to open.
  private static let mostPixels = 8_000_000

  func groups() throws -> [PictureGroup] {
    let labels = try data.labels.map { labels in
      labels.values(of: try split.column(labels.task.column).floats)
    }
    let losses = (0..<evaluation.sampleCount).map { sample in
      evaluation.tasks.indices.reduce(0) { sum, task in
        sum + evaluation.tasks[task].weight
          * output(of: sample, task: task).loss(label: labels[task][sample])
      }
    }
    let order = losses.indices.sorted { losses[$0] > losses[$1] }
    let size = split.layout.size
    let count = min(Self.mostPerGroup, order.count / 2, max(1, Self.mostPixels / (size * size)))
    guard count > 0 else { return [] }
    let names = try split.names()
    let decoder = SampleDecoder(layout: split.layout)
    let worst = try order.prefix(count).map { try picture($0, labels, names, decoder) }
    let best = try order.suffix(count).reversed().map { try picture($0, labels, names, decoder) }
    return [
      PictureGroup(
        title: "Worst predictions", note: "The validation images with the largest loss.",
        pictures: worst),
      PictureGroup(
        title: "Best predictions", note: "The validation images with the smallest loss.",
        pictures: best),
    ]
  }

  private func output(of sample: Int, task: Int) -> HeadAnswer {
    let width = outputs[task].count / evaluation.sampleCount
    return HeadAnswer(
      evaluation.tasks[task].kind, outputs[task][sample * width..<(sample + 1) * width])
  }

  private func picture(
    _ sample: Int, _ labels: [[Float]], _ names: [String], _ decoder: SampleDecoder
  ) throws -> PictureGroup.Picture {
    var planes = [UInt8](repeating: 0, count: split.layout.sampleByteCount)
    let image = try planes.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress {
        try split.decode(sample: sample, into: base, decoder: decoder)
      }
      return RGBImage(planes: UnsafeBufferPointer(buffer), size: split.layout.size)
    }
    return PictureGroup.Picture(
      image: image, name: names[sample],
      predictions: evaluation.tasks.indices.map { task in
        prediction(output(of: sample, task: task), labels[task][sample], task: task)
      })
  }

  private func prediction(
    _ output: HeadAnswer, _ value: Float, task: Int
  ) -> PictureGroup.Prediction {
    let name = evaluation.tasks[task].name
    let label = Int(exactly: value.rounded())
    let truth = label.map { "\($0)" } ?? "unknown"
    guard output.kind != .regression else {
      return .init(
        truth: "\(name) \(truth)", prediction: fixed(output.value, 0),
        isRight: abs(output.value - Double(value)) <= 5)
    }
    let names = evaluation.classNames
    return .init(
      truth: label.map { names.name(of: $0, task: name) } ?? truth,
      prediction: names.name(of: output.chosenClass, task: name),
      isRight: output.chosenClass == label)
  }
}
