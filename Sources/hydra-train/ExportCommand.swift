import ArgumentParser
import Experiment
import PipelineFiles
import Terminal
import Training

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write trained weights in another form.",
    usage: "hydra-train export --format <format> --weights <file> --output <file> …",
    discussion: """
      onnx           a graph from image [N, 3, S, S] to one output per task, for
                     any batch size
      safetensors    tensors with tasks, normalization and class names
      pytorch-names  a safetensors file with the state dict of the article's
                     PyTorch class and nothing else; load it there with
                     load_state_dict(load_file(FILE), strict=True)

        hydra-train export --weights RUN/best.safetensors --format onnx \\
          --output face.onnx
        hydra-train export --weights RUN/best.safetensors --format pytorch-names \\
          --output for-pytorch.safetensors
      """)

  @OptionGroup var trained: WeightArguments

  @Option(help: "What to write.")
  var format: ModelExport.Format

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "Width and height of the images. (default: as in training)",
      valueName: "pixels"))
  var size: Int?

  @Flag(help: "ONNX: take pixels from 0 to 255 and normalize them in the graph.")
  var normalizeInGraph = false

  @Flag(help: "ONNX: leave the temperatures of the calibration file beside the weights out.")
  var uncalibrated = false

  func validate() throws {
    if let size, !PrepSettings.imageSizes.contains(size) {
      throw ValidationError("--size must be 32 to 1024 pixels, got \(size)")
    }
  }

  func run() throws {
    let given = try trained.read(size: size)
    let export = try ModelExport(given)
    if let remark = given.remark(imageSize: given.about.imageSize) { printError(remark) }
    var rule = AnswerRule()
    if format == .onnx, !uncalibrated,
      let calibration = try Calibration(besides: trained.weights, tasks: given.about.settings.tasks)
    {
      rule = try calibration.rule(augmentation: TestTimeAugmentation.none)
    }
    try StandardOutput.main.line(
      ([
        export.write(
          format, to: output, normalizesInGraph: normalizeInGraph, temperatures: rule.temperatures)
      ] + rule.remarks).joined(separator: ", "))
  }
}

extension ModelExport.Format: ExpressibleByArgument {}
