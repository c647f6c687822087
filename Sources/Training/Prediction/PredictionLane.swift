import DataLoading
import HydraModel
import ModelFiles
import Pipelines
import Tensors

/// What one thread needs to turn image files into predictions: a network and its batch, and a
/// decoder for every thread of the network's pool.
final class PredictionLane {
  private let trained: TrainedModel
  private let readers: [ImageFileReader]
  private let writer: SampleWriter
  private let batch: AlignedBuffer
  /// The decoded images of a batch.
  private let planes: UnsafeMutableBufferPointer<UInt8>

  /// - Parameters:
  ///   - path: the weight file's name, for errors.
  ///   - settings: with the batch size and the number of threads of this lane.
  /// - Throws: what is wrong with the weights or the settings.
  init(
    weights: TensorFile, of path: String, settings: TrainSettings, size: Int,
    normalisation: Normalisation
  ) throws {
    trained = try TrainedModel(
      weights: weights, of: path, settings: settings, imageSize: size)
    readers = (0..<trained.model.pool.threadCount).map { _ in ImageFileReader(size: size) }
    let layout = BatchLayout.paddedRows(
      batchSize: settings.batchSize, shape: .init(channels: 3, height: size, width: size),
      padding: InputLayout.padding)
    writer = SampleWriter(layout: layout, normalisation: normalisation)
    batch = AlignedBuffer(count: layout.elementCount)
    planes = .allocate(capacity: settings.batchSize * layout.shape.elementCount)
  }

  deinit { planes.deallocate() }

  /// One result for each file: its prediction, or why it has none.
  ///
  /// - Parameter files: at most a batch.
  /// - Throws: `ModelError`.
  func predict(_ files: ArraySlice<String>) throws -> [Result<Prediction, TrainingError>] {
    let model = trained.model
    let problems = decode(files)
    try model.forward(batch.pointer, count: files.count, training: false)
    let tasks = trained.settings.tasks
    return files.enumerated().map { place, file in
      if let problem = problems[place] { return .failure(problem) }
      let outputs = tasks.indices.map { task in
        let logits = model.logits(task: task)
        let width = logits.count / files.count
        return Array(logits[place * width..<(place + 1) * width])
      }
      return .success(Prediction(file: file, tasks: tasks, outputs: outputs))
    }
  }

  /// Fills the batch; a file that cannot be read leaves a black image.
  private func decode(_ files: ArraySlice<String>) -> [TrainingError?] {
    var problems = [TrainingError?](repeating: nil, count: files.count)
    let byteCount = readers[0].byteCount
    problems.withUnsafeMutableBufferPointer { problems in
      // SAFETY: every task writes its own place, of `problems` and of `planes`.
      nonisolated(unsafe) let problems = problems
      trained.model.pool.forEach(count: files.count) { place, worker in
        let image = UnsafeMutableBufferPointer(
          rebasing: planes[place * byteCount..<(place + 1) * byteCount])
        do throws(TrainingError) {
          try readers[worker].read(files[files.startIndex + place], into: image)
        } catch {
          image.update(repeating: 0)
          problems[place] = error
        }
      }
    }
    writer.begin(batch.pointer)
    if let base = planes.baseAddress {
      for place in 0..<files.count {
        writer.write(base + place * byteCount, placement: .identity)
      }
    }
    writer.finish()
    return problems
  }
}
