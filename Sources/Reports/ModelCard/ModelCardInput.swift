import Experiment

/// What a model card says beside a run's report.
package struct ModelCardInput: Sendable {
  /// The run: its figures, its history, where it comes from.
  package var report: RunReportInput
  /// For people, such as "ResNet-18".
  package var network: String
  /// Whether every task has attention modules of its own (MTAN).
  package var isAttention: Bool
  /// Width and height of the images, in pixels.
  package var imageSize: Int
  package var parameterCount: Int
  package var tasks: [TaskSettings]
  package var classNames: ClassNames
  /// The name of the file that the card is about.
  package var weights: String
  /// The figure that chose the epoch.
  package var bestMetric: String
  /// nil where the run's files do not say.
  package var trainingCount: Int?
  /// By task, training samples by class; empty where the store is not there.
  package var classCounts: [[Int]]
  /// The fold that validates; nil for the store's own splits.
  package var fold: Int?
  /// Whether a calibration lies beside the weights.
  package var isCalibrated: Bool

  package init(
    report: RunReportInput, network: String, isAttention: Bool = false, imageSize: Int,
    parameterCount: Int, tasks: [TaskSettings], classNames: ClassNames = ClassNames(),
    weights: String, bestMetric: String, trainingCount: Int? = nil, classCounts: [[Int]] = [],
    fold: Int? = nil, isCalibrated: Bool = false
  ) {
    self.report = report
    self.network = network
    self.isAttention = isAttention
    self.imageSize = imageSize
    self.parameterCount = parameterCount
    self.tasks = tasks
    self.classNames = classNames
    self.weights = weights
    self.bestMetric = bestMetric
    self.trainingCount = trainingCount
    self.classCounts = classCounts
    self.fold = fold
    self.isCalibrated = isCalibrated
  }

  /// The epoch that the weights are of.
  var best: EpochRecord? {
    report.history.epochs.first { $0.epoch == report.bestEpoch }
  }
}
