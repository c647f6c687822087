import ArgumentParser
import Experiment
import Training

extension TestTimeAugmentation: ExpressibleByArgument {}

/// How the network answers: what `evaluate` and `predict` have in common.
struct AnswerArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "mirror: the mean of each image and its mirror image, at twice the time. (default: as "
        + "calibrated, else none)", valueName: "none|mirror"))
  var tta: TestTimeAugmentation?

  @Flag(help: "Do not use the calibration file beside the weights.")
  var uncalibrated = false

  /// The rule, and the calibration that it follows, if there is one beside the weights.
  func rule(weights: String, tasks: [TaskSettings]) throws -> (AnswerRule, Calibration?) {
    guard !uncalibrated, let calibration = try Calibration(besides: weights, tasks: tasks) else {
      return (AnswerRule(augmentation: tta ?? .none), nil)
    }
    return (try calibration.rule(augmentation: tta), calibration)
  }
}

/// A share of samples to cover, such as 0.9, in whole percent.
struct CoverageArgument: ExpressibleByArgument {
  let percent: Int

  init(percent: Int) { self.percent = percent }

  init?(argument: String) {
    guard let share = Double(argument), let percent = AnswerRule.Coverage.percent(of: share) else {
      return nil
    }
    self.percent = percent
  }

  var defaultValueDescription: String { "0.\(percent)" }
}
