import Experiment
import Images
import Loader
import Network
import Photographs
import Tensors
import Threads

/// What one thread needs to turn image files into predictions: a network and its batch, and a
/// decoder for every thread of the network's pool.
final class PredictionLane {
  private let model: HydraNet
  private let network: AnsweringNetwork
  private let coverage: AnswerRule.Coverage?
  private let explainer: Explainer?
  /// Whether the last forward pass of an answer is of mirror images.
  private let isMirrored: Bool
  private let tasks: [TaskSettings]
  private let readers: [PhotographReader]
  private let writer: SampleWriter
  private let batch: AlignedBuffer
  /// The decoded images of a batch.
  private let planes: UnsafeMutableBufferPointer<UInt8>
  private let planeMemory: AlignedBuffer

  /// - Parameters:
  ///   - upright: whether an EXIF orientation is applied.
  ///   - threads: of this lane.
  /// - Throws: `ModelError`.
  init(
    _ trained: TrainedModel, normalization: PixelScaling, upright: Bool, rule: AnswerRule,
    explainer: Explainer?, threads: Int
  ) throws {
    model = try trained.model.evaluator(
      pool: ThreadPool(threadCount: threads, name: "engine"))
    tasks = trained.settings.tasks
    network = try AnsweringNetwork(model, tasks: tasks, rule: rule)
    coverage = rule.coverage
    self.explainer = explainer
    isMirrored = rule.augmentation == .mirror
    let size = model.input.width
    readers = (0..<threads).map { _ in PhotographReader(size: size, upright: upright) }
    let layout = BatchLayout.paddedRows(
      batchSize: model.input.batchCapacity, shape: .init(channels: 3, height: size, width: size),
      padding: InputLayout.padding)
    writer = SampleWriter(layout: layout, normalization: normalization)
    batch = try AlignedBuffer(count: layout.elementCount)
    let byteCount = layout.batchSize * layout.shape.elementCount
    planeMemory = try AlignedBuffer(count: (byteCount + 3) / MemoryLayout<Float>.stride)
    planes = UnsafeMutableBufferPointer(
      start: UnsafeMutableRawPointer(planeMemory.pointer).bindMemory(
        to: UInt8.self, capacity: byteCount), count: byteCount)
  }

  /// One result for each file: its prediction, or why it has none.
  ///
  /// - Parameters:
  ///   - photographs: at most a batch.
  ///   - first: how many photographs came before.
  /// - Throws: `ModelError`, and what is wrong with the folder for explanations.
  func predict(
    _ photographs: ArraySlice<Photograph>, first: Int
  ) throws -> [Result<Prediction, any Error>] {
    let problems = decode(photographs)
    try network.forward(batch.pointer, count: photographs.count)
    let batchOutputs = tasks.indices.map(network.outputs)
    let batchQuantiles = tasks.indices.map(network.quantiles)
    if explainer != nil, isMirrored {
      try model.forward(batch.pointer, count: photographs.count, training: false)
    }
    return try photographs.enumerated().map { place, photograph in
      if let problem = problems[place] { return .failure(problem) }
      let outputs = batchOutputs.map { outputs in
        let width = outputs.count / photographs.count
        return Array(outputs[place * width..<(place + 1) * width])
      }
      guard outputs.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        return .failure(
          TrainingError(
            "\(photograph.title): the network's output is not a number; its weights are damaged or "
              + "diverged"
          ))
      }
      var prediction = Prediction(
        file: photograph.title, tasks: tasks, outputs: outputs,
        quantiles: batchQuantiles.map { $0?[place] }, coverage: coverage)
      if let explainer {
        prediction.explanations = try explainer.write(
          number: first + place + 1, file: photograph.title, image: image(place), model: model,
          sample: place, answers: outputs)
      }
      return .success(prediction)
    }
  }

  /// An image of the batch as it was decoded.
  private func image(_ place: Int) -> RGBImage {
    let byteCount = readers[0].byteCount
    return RGBImage(
      planes: UnsafeBufferPointer(
        rebasing: planes[place * byteCount..<(place + 1) * byteCount]), size: model.input.width)
  }

  /// Fills the batch; a file that cannot be read leaves a black image.
  private func decode(_ photographs: ArraySlice<Photograph>) -> [ImageError?] {
    var problems = [ImageError?](repeating: nil, count: photographs.count)
    let byteCount = readers[0].byteCount
    problems.withUnsafeMutableBufferPointer { problems in
      // SAFETY: every task writes its own place, of `problems` and of `planes`.
      nonisolated(unsafe) let problems = problems
      model.pool.forEach(count: photographs.count) { place, worker in
        let image = UnsafeMutableBufferPointer(
          rebasing: planes[place * byteCount..<(place + 1) * byteCount])
        let photograph = photographs[photographs.startIndex + place]
        do throws(ImageError) {
          try readers[worker].read(photograph.content, name: photograph.title, into: image)
        } catch {
          image.update(repeating: 0)
          problems[place] = error
        }
      }
    }
    writer.begin(batch.pointer)
    if let base = planes.baseAddress {
      for place in 0..<photographs.count {
        writer.write(base + place * byteCount, placement: .identity)
      }
    }
    writer.finish()
    return problems
  }
}
