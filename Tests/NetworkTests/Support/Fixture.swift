import Experiment
import Kernels
import Network
import Tensors
import Threads

extension TrainingPrecision {
  /// Those that this processor has.
  static let available = allCases.filter {
    $0 == .f32 || BatchReduceKernel.provider(of: .bfloat16) != nil
  }
}

/// A model with the formula's weights, and a batch in its layout.
struct Fixture {
  let net: HydraNet
  let images: AlignedBuffer
  let labels: [[Float]]
  let count: Int

  init(
    kind: NetworkKind = .hydraNet, architecture: TrunkArchitecture = .resNet18,
    stemPool: StemPool = .max, count: Int,
    capacity: Int? = nil,
    height: Int = 32, width: Int = 32, threads: Int = 2,
    tasks: [TaskSettings] = TaskSettings.article, precision: TrainingPrecision = .f32,
    images name: String = "images 0"
  ) throws {
    let layout = InputLayout(batchCapacity: capacity ?? count, height: height, width: width)
    net = try HydraNet(
      HydraConfiguration(
        kind: kind, architecture: architecture, stemPool: stemPool, tasks: tasks,
        precision: precision),
      input: layout,
      pool: ThreadPool(threadCount: threads), seed: 1)
    try net.importTensors(net.stateDescription.map { Formula.tensor($0.name, $0.shape) })
    images = try AlignedBuffer(count: layout.floatCount)
    layout.pack(
      nchw: Formula.images(name, count, height, width), count: count, into: images.pointer)
    labels = Formula.labels(count)
    self.count = count
  }

  /// Forward, losses and backward with the script's weights.
  func gradients() throws -> [Float] {
    try net.forward(images.pointer, count: count, training: true)
    let losses = try net.losses(labels)
    net.backward(taskWeights: Formula.weights)
    return losses
  }

  func logits() -> [[Float]] { net.configuration.tasks.indices.map { Array(net.logits(task: $0)) } }

  /// Every kind of network in every precision.
  static let networks = NetworkKind.allCases.flatMap { kind in
    TrainingPrecision.available.map { (kind, $0) }
  }
}
