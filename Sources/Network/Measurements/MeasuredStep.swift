import Experiment
import Kernels
import Tensors
import Threads

/// Which training step is measured.
package struct StepShape: Sendable {
  /// Images of a step.
  package let batch: Int
  /// Their width and height, in pixels.
  package let size: Int
  package let kind: NetworkKind
  package let architecture: TrunkArchitecture
  package let stemPool: StemPool
  package let precision: TrainingPrecision

  package init(
    batch: Int, size: Int, kind: NetworkKind = .hydraNet,
    architecture: TrunkArchitecture = .resNet18, stemPool: StemPool = .max,
    precision: TrainingPrecision = .f32
  ) {
    self.batch = batch
    self.size = size
    self.kind = kind
    self.architecture = architecture
    self.stemPool = stemPool
    self.precision = precision
  }
}

/// A training step on noise, for measurements: forward, losses, backward and SGD with momentum, with
/// the article's three tasks.
package final class MeasuredStep {
  package let net: HydraNet
  package let shape: StepShape
  private let optimizer: Optimizer
  private let images: AlignedBuffer
  private let labels: [[Float]]

  /// - Throws: `ModelError`, `MemoryError`, `BatchGEMMError`.
  package init(_ shape: StepShape, pool: ThreadPool) throws {
    self.shape = shape
    let layout = InputLayout(
      batchCapacity: shape.batch, height: shape.size, width: shape.size)
    net = try HydraNet(
      HydraConfiguration(
        kind: shape.kind, architecture: shape.architecture, stemPool: shape.stemPool,
        tasks: TaskSettings.article, precision: shape.precision),
      input: layout, pool: pool, seed: 1)
    optimizer = try Optimizer(.sgd(momentum: 0.9), groups: [], model: net)
    images = try AlignedBuffer(count: layout.floatCount)
    MeasuredStep.fill(images, layout)
    let ages = (0..<shape.batch).map { Float(20 + $0 % 50) }
    let classes = (0..<shape.batch).map { Float($0 % 2) }
    labels = [ages, classes, classes]
  }

  package func run() throws {
    try net.forward(images.pointer, count: shape.batch, training: true)
    _ = try net.losses(labels)
    net.backward(taskWeights: [0.1, 1, 1])
    optimizer.step(learningRate: 1e-3)
  }

  /// Seconds of a step.
  func seconds() throws -> Double {
    let start = monotonicSeconds()
    try run()
    return monotonicSeconds() - start
  }

  /// A step whose loops run one after another.
  ///
  /// - Returns: its regions, and the seconds after the last one.
  package func recorded() throws -> (regions: [RecordedRegion], after: Double) {
    let recorder = RegionRecorder()
    net.runner.recorder = recorder
    defer { net.runner.recorder = nil }
    recorder.start()
    try run()
    return (recorder.regions, recorder.stop())
  }

  private static func fill(_ images: AlignedBuffer, _ layout: InputLayout) {
    let random = CounterRandom(seed: 1, stream: "images")
    for sample in 0..<layout.batchCapacity {
      for row in 0..<layout.height {
        let offset = layout.rowOffset(sample: sample, row: row)
        for i in 0..<layout.width * InputLayout.channelCount {
          images.pointer[offset + i] = random.uniform(offset + i, bound: 1.7)
        }
      }
    }
  }
}
