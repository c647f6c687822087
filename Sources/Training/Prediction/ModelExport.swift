import Experiment
import Files
import Terminal
import WeightFiles

/// Writes trained weights in a form that other programs read.
package struct ModelExport: Sendable {
  package enum Format: String, CaseIterable, Sendable {
    case onnx
    /// The tensors and what the file says of itself, so that `predict` needs nothing else.
    case safetensors
    /// The state dict of the article's PyTorch class and nothing beside it.
    case pytorchNames = "pytorch-names"
  }

  package let weights: String
  package let settings: TrainSettings
  package let imageSize: Int
  /// Whether an ONNX graph takes pixels from 0 to 255 and normalises them itself.
  package let normalizesInGraph: Bool

  package init(weights: String, settings: TrainSettings, imageSize: Int, normalizesInGraph: Bool) {
    self.weights = weights
    self.settings = settings
    self.imageSize = imageSize
    self.normalizesInGraph = normalizesInGraph
  }

  /// - Returns: a sentence that says what was written.
  /// - Throws: `ModelFileError`, and `TrainingError` where the tensors are not those of the
  ///   settings' network.
  package func write(_ format: Format, to path: String) throws -> String {
    try checkOutput(path, isNoneOf: [weights])
    let file = try TensorFile.read(weights)
    let tensors = file.tensors
    switch format {
    case .onnx:
      try naming(weights) {
        try HydraNetONNX.export(
          tensors: tensors, depth: settings.model.depth, hasAttention: settings.model.name == .mtan,
          tasks: graphTasks, inputSize: imageSize, normalisation: graphNormalisation(), to: path)
      }
      return "\(path): ONNX, input image [N, 3, \(imageSize), \(imageSize)], outputs "
        + settings.tasks.map(\.name).joined(separator: ", ")
    case .safetensors:
      try SafetensorsWriter.write(tensors, metadata: file.metadata, to: path)
      return "\(path): \(grouped(tensors.count)) tensors and their description"
    case .pytorchNames:
      try SafetensorsWriter.write(tensors, to: path)
      return "\(path): state dict of \(grouped(tensors.count)) tensors"
    }
  }

  private var graphTasks: [HydraNetONNX.Task] {
    settings.tasks.map { task in
      HydraNetONNX.Task(
        name: task.name, outputs: task.kind == .categorical ? task.classes ?? 2 : 1)
    }
  }

  private func graphNormalisation() throws -> HydraNetONNX.Normalisation? {
    guard normalizesInGraph else { return nil }
    switch settings.normalize {
    case .imagenet:
      return .init(
        mean: Normalization.imagenetMean.map { Float($0) },
        deviation: Normalization.imagenetStd.map { Float($0) })
    case .values(let mean, let std):
      return .init(mean: mean.map { Float($0) }, deviation: std.map { Float($0) })
    case .dataset:
      throw TrainingError(
        "\(weights) does not hold the mean and deviation of its store; leave out "
          + "--normalize-in-graph or give a --pipeline that says them")
    }
  }
}
