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
    abstract: "Predict age, gender and ethnicity (or other tasks) of image files.",
    usage: "hydra-train predict --weights <file> [<options>] <image> ...",
    discussion: """
      JPEG and PNG files are decoded and resized as they were for training. A line per image goes \
      to standard output; a file that cannot be read is named on standard error, and the exit code \
      is then 1. Photographs are turned upright as their EXIF orientation says. Folders are searched \
      with all folders below them, and links are followed; hidden files and __MACOSX are skipped.

        hydra-train predict --weights RUN/best.safetensors face.jpg
        hydra-train predict --weights RUN/best.safetensors --json photos > faces.jsonl
        hydra-train predict --weights RUN/best.safetensors --coverage 0.9 face.jpg
        hydra-train predict --weights RUN/best.safetensors --explain maps face.jpg
      """)

  @OptionGroup var trained: WeightArguments

  @Option(
    help: ArgumentHelp(
      "Width and height to resize images to. (default: as in training)",
      valueName: "pixels"))
  var size: Int?

  @Option(help: "Images in a batch. (default: 64, fewer of large images)")
  var batchSize: Int?

  @Option(help: "Threads of the engine. (default: all cores)")
  var threads: Int?

  @Flag(help: "Take the pixels as they are stored, whatever the EXIF orientation says.")
  var ignoreOrientation = false

  @OptionGroup var answers: AnswerArguments

  @Option(
    help: ArgumentHelp(
      "Also give where the truth lies for this share of photographs, from 0.50 to 0.99: an interval, "
        + "or all classes that are in question. Needs calibrated weights.", valueName: "share"))
  var coverage: CoverageArgument?

  @Option(
    help: ArgumentHelp(
      "Also write where each answer comes from: a Grad-CAM map over each image, a PNG file per task, "
        + "into a new folder.", valueName: "dir"), completion: .directory)
  var explain: String?

  @Flag(
    help:
      "Print one JSON object per line: probabilities of all classes, quantiles of distributions.")
  var json = false

  @Argument(
    help: ArgumentHelp("Image files, or folders of them.", valueName: "image"),
    completion: .file())
  var images: [String]

  func validate() throws {
    if let size, !PrepSettings.imageSizes.contains(size) {
      throw ValidationError("--size must be 32 to 1024 pixels, got \(size)")
    }
  }

  func run() throws {
    let given = try trained.read(size: size)
    let (about, size) = (given.about, given.about.imageSize)
    var settings = about.settings
    settings.batchSize = batchSize ?? min(64, TrainedModel.largestBatch(imageSize: size))
    settings.threads = threads
    try settings.validate()
    var (rule, calibration) = try answers.rule(weights: trained.weights, tasks: settings.tasks)
    if let coverage {
      guard let calibration else {
        throw ValidationError(
          "--coverage needs \(Calibration.path(besides: trained.weights)); make it with hydra-train "
            + "calibrate\(answers.uncalibrated ? ", and leave --uncalibrated out" : "")")
      }
      rule.coverage = try calibration.coverage(percent: coverage.percent)
    }
    let predictor = try Predictor(
      weights: trained.weights, settings: settings, size: size, upright: !ignoreOrientation,
      rule: rule, explanations: explain)
    if let explainer = predictor.explainer {
      printError("note: the maps in \(explain ?? "") are of \(explainer.source)")
    }
    if calibration != nil {
      let remarks = rule.remarks.joined(separator: "; ")
      printError(
        "note: calibrated by \(Calibration.path(besides: trained.weights))"
          + (remarks.isEmpty ? "" : " (\(remarks))"))
    }
    if let remark = given.remark(imageSize: size) { printError(remark) }
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    let (photographs, ignored) = try ArgumentSource(images, spool: spool).photographs()
    if let notable = ignored.notable { printError("skipped: \(notable)") }
    let output = StandardOutput.main
    // Predictions that scroll by on the terminal are progress enough.
    let line = ProgressLine(
      "predict", total: photographs.count, unit: "images", enabled: output.isTerminal ? false : nil)
    var done = 0
    let failures = try predictor.run(photographs) { result in
      done += 1
      line.update(done: done)
      switch result {
      case .success(let prediction):
        if json {
          try output.json(prediction.json(about))
        } else {
          try output.line(prediction.text(about))
        }
      case .failure(let error): line.note(errorLine("\(error)"))
      }
    }
    line.finish()
    if failures > 0 { throw ExitCode.failure }
  }
}
