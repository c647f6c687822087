import ArgumentParser
import Experiment
import Files
import Foundation
import Photographs
import PipelineFiles
import Terminal
import Training

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say age, gender and ethnicity (or other tasks) of image files.",
    discussion: """
      JPEG and PNG files are decoded and resized as they were for training. A line per image goes \
      to standard output; a file that cannot be read is named on standard error, and the exit code \
      is then 1. Photographs are turned upright as their EXIF orientation says. Folders are searched \
      with all below them, links included; hidden files and __MACOSX are passed over.

        hydra-train predict --weights RUN/best.safetensors face.jpg
        hydra-train predict --weights RUN/best.safetensors --json photos/ > faces.jsonl
      """)

  @Option(
    help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var weights: String

  @Option(
    help: ArgumentHelp("Recipe that says the tasks (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String?

  @Option(help: ArgumentHelp("Size that images are resized to; the weights' own if not given."))
  var size: Int?

  @Option(help: "Images in a batch; as many as are fast if not given.")
  var batchSize: Int?

  @Option(help: "Threads of the engine; all cores if not given.")
  var threads: Int?

  @Flag(help: "Take the pixels as they are stored, whatever the EXIF orientation says.")
  var ignoreOrientation = false

  @Flag(help: "Print one JSON object per line.")
  var json = false

  @Argument(
    help: ArgumentHelp("Image files, or folders of them.", valueName: "image"),
    completion: .file())
  var images: [String]

  func validate() throws {
    if let size, !(32...1024).contains(size) {
      throw ValidationError("--size must be 32 to 1024 pixels, got \(size)")
    }
  }

  func run() throws {
    let given = try GivenWeights(weights, pipeline: pipeline, size: size)
    let (about, size) = (given.about, given.about.imageSize)
    var settings = about.settings
    settings.batchSize = batchSize ?? min(64, TrainedModel.largestBatch(imageSize: size))
    settings.threads = threads
    try settings.validate()
    let predictor = try Predictor(
      weights: weights, settings: settings, size: size, upright: !ignoreOrientation)
    if let remark = given.remark(imageSize: size) { printError(remark) }
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    let (photographs, ignored) = try ArgumentSource(images, spool: spool).photographs()
    if let unsupported = ignored.unsupported { printError("passed over: \(unsupported)") }
    let output = StandardOutput.main
    let failures = try predictor.run(photographs) { result in
      switch result {
      case .success(let prediction):
        if json {
          try output.json(prediction.json(about))
        } else {
          try output.line(prediction.text(about))
        }
      case .failure(let error): printError("\(error)")
      }
    }
    if failures > 0 { throw ExitCode.failure }
  }
}
