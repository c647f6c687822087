/// One thing that the network learns: a head, the label column it is trained on, and its loss.
package struct TaskSettings: Hashable, Sendable {
  /// What a head's output means.
  package enum Kind: String, CaseIterable, Sendable {
    /// One number; or, with a loss of distributions, a logit for each of the values it may have.
    case regression
    /// One logit; labels 0 and 1.
    case binary
    /// `classes` logits; labels 0 ..< classes.
    case categorical
  }

  package enum Loss: String, CaseIterable, Sendable {
    /// Mean absolute error.
    case l1
    /// Huber's loss with its bend at 1: PyTorch's SmoothL1Loss.
    case smoothL1 = "smooth_l1"
    /// Mean squared error.
    case mse
    /// Binary cross-entropy on the logit.
    case bce
    /// Cross-entropy of the softmax, over classes or over the values of a number.
    case ce
    /// Label distribution learning (Gao et al., "Age Estimation Using Expectation of Label
    /// Distribution Learning", IJCAI 2018): divergence from a Gaussian around a number's label.
    case dldl
  }

  /// Weights of the classes in a cross-entropy.
  package enum ClassWeights: Hashable, Sendable {
    case none
    /// From the store's label counts: samples / (classes · samples of the class).
    case balanced
    case list([Double])
  }

  package var name: String
  /// The store's label column.
  package var column: String
  package var kind: Kind
  /// Number of classes of a categorical task.
  package var classes: Int?
  /// Ascending label values that cut the column into groups: a label below the first is class 0.
  /// Empty where the label is the class.
  package var bins: [Int] = []
  package var loss: Loss
  /// Factor of the loss in the sum over tasks.
  package var weight = 1.0
  /// Factor of the positive samples in a binary cross-entropy.
  package var positiveWeight = 1.0
  package var classWeights = ClassWeights.none
  /// Share of the target that is spread over all classes, from 0 to below 1.
  package var labelSmoothing = 0.0
  /// Least and largest value of a number whose distribution is learned; empty where the store's
  /// column or its training labels say them.
  package var range: [Double] = []
  /// Distance of two values in such a distribution, in the unit of the column.
  package var binWidth = 1.0
  /// Standard deviation of the labels with `dldl`, in the unit of the column.
  package var sigma = 2.0
  /// Factor of |expectation − label| in the loss of a distribution.
  package var expectationWeight = 0.0
  package var answer = DistributionBins.Answer.median

  /// A task with the usual loss of its kind, where no other is given.
  package init(
    name: String, column: String? = nil, kind: Kind, classes: Int? = nil, loss: Loss? = nil
  ) {
    self.name = name
    self.column = column ?? name
    self.kind = kind
    self.classes = classes
    self.loss = loss ?? Self.losses(of: kind)[0]
  }

  /// Numbers that the task's head gives for a sample.
  package var outputCount: Int {
    if isDistribution { return distributionBins?.count ?? 0 }
    return kind == .categorical ? classes ?? 0 : 1
  }

  /// The figure that tells how good the task is: the mean absolute error of a number, else the
  /// accuracy. `FigureName` knows which way it points.
  package var mainFigure: String { kind == .regression ? "\(name)_mae" : "\(name)_accuracy" }

  /// Whether the head gives a distribution of a number.
  package var isDistribution: Bool { kind == .regression && (loss == .ce || loss == .dldl) }

  /// The bins of the distribution; nil for other heads, and where the range is not known yet.
  package var distributionBins: DistributionBins? {
    guard isDistribution, range.count == 2 else { return nil }
    return DistributionBins(from: range[0], through: range[1], width: binWidth)
  }

  /// The losses that fit a kind, the usual one first.
  package static func losses(of kind: Kind) -> [Loss] {
    switch kind {
    case .regression: [.l1, .smoothL1, .mse, .ce, .dldl]
    case .binary: [.bce]
    case .categorical: [.ce]
    }
  }

  /// The article's HydraNet: age, gender, ethnicity.
  package static let article = [
    TaskSettings(name: "age", kind: .regression),
    TaskSettings(name: "gender", kind: .binary),
    TaskSettings(name: "race", kind: .categorical, classes: 5),
  ]
}

extension TrainSettings {
  /// What weights without a description are taken for: the article's tasks.
  package static var article: TrainSettings {
    var settings = TrainSettings()
    settings.tasks = TaskSettings.article
    return settings
  }
}
