import Experiment
import Loader
import Network
import Tensors
import Threads

/// What one thread needs to turn image files into predictions: a network and its batch, and a
/// decoder for every thread of the network's pool.
final class PredictionLane {
  private let model: HydraNet
  private let tasks: [TaskSettings]
  private let readers: [ImageFileReader]
  private let writer: SampleWriter
  private let batch: AlignedBuffer
  /// The decoded images of a batch.
  private let planes: UnsafeMutableBufferPointer<UInt8>

  /// - Parameter threads: of this lane.
  /// - Throws: `ModelError`.
  init(_ trained: TrainedModel, normalisation: PixelScaling, threads: Int) throws {
    model = try trained.model.evaluator(
      pool: ThreadPool(threadCount: threads, name: "engine"))
    tasks = trained.settings.tasks
    let size = model.input.width
    readers = (0..<threads).map { _ in ImageFileReader(size: size) }
    let layout = BatchLayout.paddedRows(
      batchSize: model.input.batchCapacity, shape: .init(channels: 3, height: size, width: size),
      padding: InputLayout.padding)
    writer = SampleWriter(layout: layout, normalisation: normalisation)
    batch = AlignedBuffer(count: layout.elementCount)
    planes = .allocate(capacity: layout.batchSize * layout.shape.elementCount)
  }

  deinit { planes.deallocate() }

  /// One result for each file: its prediction, or why it has none.
  ///
  /// - Parameter files: at most a batch.
  /// - Throws: `ModelError`.
  func predict(_ files: ArraySlice<String>) throws -> [Result<Prediction, TrainingError>] {
    let problems = decode(files)
    try model.forward(batch.pointer, count: files.count, training: false)
    return files.enumerated().map { place, file in
      if let problem = problems[place] { return .failure(problem) }
      let outputs = tasks.indices.map { task in
        let logits = model.logits(task: task)
        let width = logits.count / files.count
        return Array(logits[place * width..<(place + 1) * width])
      }
      guard outputs.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        return .failure(
          TrainingError(
            "\(file): the network's output is not a number; its weights are damaged or diverged"))
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
      model.pool.forEach(count: files.count) { place, worker in
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
