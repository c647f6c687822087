import ArgumentParser
import Experiment
import Foundation
import PipelineFiles
import Training

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say age, gender and ethnicity (or other tasks) of image files.",
    discussion: """
      JPEG and PNG files are decoded and resized as they were for training. A line per image goes \
      to standard output; a file that cannot be read is named on standard error, and the exit code \
      is then 1.

        hydra-train predict --weights RUN/best.safetensors face.jpg
        hydra-train predict --weights RUN/best.safetensors --json photos/ > faces.jsonl
      """)

  @Option(help: ArgumentHelp("Weights (.safetensors, .pth).", valueName: "file"))
  var weights: String

  @Option(help: ArgumentHelp("Recipe that says the tasks (YAML).", valueName: "file"))
  var pipeline: String?

  @Option(help: ArgumentHelp("Size that images are resized to; the weights' own if not given."))
  var size: Int?

  @Option(help: "Images in a batch; as many as are fast if not given.")
  var batchSize: Int?

  @Option(help: "Threads of the engine; all cores if not given.")
  var threads: Int?

  @Flag(help: "Print one JSON object per line.")
  var json = false

  @Argument(help: ArgumentHelp("Image files, or folders of them.", valueName: "image"))
  var images: [String]

  func validate() throws {
    if let size, !(32...1024).contains(size) {
      throw ValidationError("--size must be 32 to 1024 pixels, got \(size)")
    }
  }

  func run() throws {
    let about = try WeightDescription(weights: weights)
    let recipe = try pipeline.map { try Pipeline(contentsOf: $0) }
    var settings = recipe?.train ?? about?.settings ?? TrainSettings()
    let choice = ImageSizeChoice(
      weights: weights, trained: about?.imageSize, requested: self.size,
      fallback: (recipe ?? Pipeline()).prep.size)
    if let notice = choice.notice { printError(notice) }
    let size = choice.size
    let names =
      about
      ?? WeightDescription(settings: settings, imageSize: size, classNames: ClassNames())
    settings.batchSize = batchSize ?? min(64, TrainedModel.largestBatch(imageSize: size))
    settings.threads = threads
    try settings.validate()
    let predictor = try Predictor(weights: weights, settings: settings, size: size)
    let output = LineOutput()
    let failures = try predictor.run(imageFiles(in: images)) { result in
      switch result {
      case .success(let prediction):
        output.write(json ? try prediction.json(names) : prediction.text(names))
      case .failure(let error): printError(error.description)
      }
    }
    output.flush()
    if failures > 0 { throw ExitCode.failure }
  }
}

/// Lines to standard output in large pieces.
private final class LineOutput {
  private var buffer = Data()

  func write(_ line: String) {
    buffer.append(contentsOf: line.utf8)
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count > 1 << 16 { flush() }
  }

  func flush() {
    FileHandle.standardOutput.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
