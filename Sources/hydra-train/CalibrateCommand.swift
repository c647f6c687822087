import ArgumentParser
import Terminal
import Training

struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Fit how sure trained weights may be, on photographs they were not trained on.",
    usage: "hydra-train calibrate --shards <dir> --weights <file> [<options>]",
    discussion: """
      Divides the split into halves by a hash of each photograph. On one half it fits a temperature \
      for every class head, so that probabilities are as large as the head is often right, and how \
      far the truth lies from the answers, for predict --coverage. The other half says how well that \
      holds. Both are written to WEIGHTS.calibration.json, which evaluate and predict use as long as \
      it belongs to the weights. The chosen classes do not change.

        hydra-train calibrate --shards STORE --weights RUN/best.safetensors
        hydra-train predict --weights RUN/best.safetensors --coverage 0.9 face.jpg
      """)

  @OptionGroup var measuring: MeasuringArguments

  @Option(
    help: ArgumentHelp(
      "mirror: the mean of each image and its mirror image, at twice the time.",
      valueName: "none|mirror"))
  var tta = TestTimeAugmentation.none

  @Option(help: "The share of photographs to report intervals and sets for, from 0.50 to 0.99.")
  var coverage = CoverageArgument(percent: 90)

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let (model, data) = try measuring.open()
    let sha256 = try Calibration.sha256(ofWeights: measuring.trained.weights)
    let calibrator = try Calibrator(
      model, data: data, split: measuring.split, augmentation: tta)
    let line = try measuring.progress("calibrate", data)
    let (calibration, report) = try calibrator.run(
      weightsSHA256: sha256, percent: coverage.percent
    ) { line.update(done: $0) }
    line.finish()
    let path = try calibration.write(besides: measuring.trained.weights)
    if json {
      try StandardOutput.main.json(
        String(decoding: report.json.encoded(pretty: true), as: UTF8.self))
    } else {
      try StandardOutput.main.lines(
        report.lines(columns: StandardOutput.main.columns) + ["", "written: \(path)"])
    }
  }
}
