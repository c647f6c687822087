import ArgumentParser
import Training

/// Trained weights, and the recipe that those from PyTorch do not carry.
struct WeightArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var weights: String

  @Option(
    help: ArgumentHelp(
      "Recipe with the tasks, for weights from PyTorch (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  /// - Parameter size: of the images, where it is not that of the training.
  func read(size: Int?) throws -> GivenWeights {
    try GivenWeights(weights, pipeline: pipeline, size: size)
  }
}
