import ArgumentParser
import Experiment
import PipelineFiles
import Terminal
import Training

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write trained weights in another form.",
    discussion: """
      onnx: a graph from image [N, 3, S, S] to one output per task, for any batch size; \
      safetensors: tensors with tasks, normalisation and class names; pytorch-names: a safetensors \
      file with the state dict of the article's PyTorch class and nothing else; load it there with \
      load_state_dict(load_file(FILE), strict=True).

        hydra-train export --weights RUN/best.safetensors --format onnx --output face.onnx
      """)

  @Option(
    help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var weights: String

  @Option(help: "What to write.")
  var format: ModelExport.Format

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp("Recipe that says the tasks (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Option(help: ArgumentHelp("Image size of the ONNX graph; the weights' own if not given."))
  var size: Int?

  @Flag(help: "ONNX: take pixels from 0 to 255 and normalise them in the graph.")
  var normalizeInGraph = false

  func validate() throws {
    if let size, !(8...1024).contains(size) {
      throw ValidationError("--size must be 8 to 1024 pixels, got \(size)")
    }
  }

  func run() throws {
    let about = try WeightDescription(weights: weights)
    let settings =
      try pipeline.map { try Pipeline(contentsOf: $0).train } ?? about?.settings ?? TrainSettings()
    let export = ModelExport(
      weights: weights, settings: settings, imageSize: size ?? about?.imageSize ?? 32,
      normalizesInGraph: normalizeInGraph)
    try StandardOutput.main.line(export.write(format, to: output))
  }
}

extension ModelExport.Format: ExpressibleByArgument {}
