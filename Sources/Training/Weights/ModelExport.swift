import Experiment
import Files
import Store
import Tensors
import Terminal
import WeightFiles

/// Writes trained weights in a form that other programs read.
package struct ModelExport {
  package enum Format: String, CaseIterable, Sendable {
    case onnx
    /// The tensors and what the file says of itself, so that `predict` needs nothing else.
    case safetensors
    /// The state dict of the article's PyTorch class and nothing beside it.
    case pytorchNames = "pytorch-names"
  }

  private let given: GivenWeights
  private let settings: TrainSettings
  /// All tensors of the network, under its own names.
  private let states: [StateTensor]

  /// Loads the weights into the network that they are of: only what is whole can be exported.
  ///
  /// - Throws: `TrainingError` where the tensors are not those of the settings' network.
  package init(_ given: GivenWeights) throws {
    self.given = given
    settings = given.about.settings
    var small = settings
    small.batchSize = 1
    small.threads = 1
    states = try TrainedModel(given.file, settings: small, imageSize: 32).model.exportTensors()
  }

  /// - Parameters:
  ///   - normalizesInGraph: whether an ONNX graph takes pixels from 0 to 255 and normalizes them
  ///     itself.
  ///   - temperatures: by task, what an ONNX graph divides the logits by.
  /// - Returns: a sentence that says what was written.
  /// - Throws: `FileError`, and `TrainingError` where the file would not say what it holds.
  package func write(
    _ format: Format, to path: String, normalizesInGraph: Bool = false,
    temperatures: [String: Double] = [:]
  ) throws -> String {
    try checkOutput(path, isNoneOf: [given.file.path])
    switch format {
    case .onnx:
      var metadata = try carried.merging(given.about.graphMetadata) { $1 }
      metadata["hydranet.normalized_in_graph"] = "\(normalizesInGraph)"
      if !temperatures.isEmpty {
        let json = JSONValue.object(temperatures.mapValues { .number($0) })
        metadata["hydranet.temperatures"] = String(decoding: try json.encoded(), as: UTF8.self)
      }
      let size = given.about.imageSize
      let tensors = divided(by: temperatures).named()
      try naming(given.file.path) {
        try HydraNetONNX.export(
          tensors: tensors, depth: settings.model.trunk.rawValue,
          hasStemPool: settings.model.stemPool == .max,
          hasAttention: settings.model.name == .mtan, tasks: graphTasks, inputSize: size,
          normalization: normalizesInGraph ? statistics() : nil, metadata: metadata,
          to: path)
      }
      return "\(path): ONNX, input image [N, 3, \(size), \(size)], outputs "
        + settings.tasks.map(\.name).joined(separator: ", ")
        + (given.isDescribed
          ? "" : " (assumed, as the weights do not say; give --pipeline and --size to say them)")
    case .safetensors:
      guard given.isDescribed else {
        throw TrainingError(
          "\(given.file.path) does not say its tasks, normalization and image size, which a file of "
            + "--format safetensors does; give them with --pipeline and --size")
      }
      _ = try statistics()
      let tensors = states.named()
      try SafetensorsWriter.write(
        tensors, metadata: carried.merging(given.about.metadata) { $1 }, to: path)
      return "\(path): \(grouped(tensors.count)) tensors and their description"
    case .pytorchNames:
      let tensors = states.named()
      try SafetensorsWriter.write(tensors, to: path)
      return "\(path): state dict of \(grouped(tensors.count)) tensors"
    }
  }

  /// What the file says of itself, all of which goes on: whoever wrote it, such as what identifies
  /// the store and the recipe.
  private var carried: [String: String] { given.file.metadata }

  /// The tensors with the last layer of each head divided by the head's temperature, and so its
  /// logits.
  private func divided(by temperatures: [String: Double]) -> [StateTensor] {
    var divisors: [String: Float] = [:]
    for (index, task) in settings.tasks.enumerated() {
      for part in ["weight", "bias"] {
        divisors["net.fc\(index + 1).final.\(part)"] = temperatures[task.name].map { Float($0) }
      }
    }
    return states.map { state in
      guard let divisor = divisors[state.name], let floats = state.floats else { return state }
      return StateTensor(name: state.name, shape: state.shape, floats: floats.map { $0 / divisor })
    }
  }

  private var graphTasks: [HydraNetONNX.Task] {
    settings.tasks.map { task in
      HydraNetONNX.Task(
        name: task.name, outputs: task.outputCount)
    }
  }

  private func statistics() throws -> ChannelStatistics {
    guard let statistics = settings.normalize.statistics else {
      throw TrainingError(
        "\(given.file.path) does not hold the mean and deviation of its store; give a --pipeline "
          + "whose normalize says {mean: [r, g, b], std: [r, g, b]}")
    }
    return statistics
  }
}
