/// What a head's output means, and how many numbers it has.
package enum TaskKind: Hashable, Sendable {
  /// One number.
  case regression
  /// One logit; labels 0 and 1.
  case binary
  /// `classCount` logits; labels 0 ..< classCount.
  case categorical(classCount: Int)

  /// Outputs of the head for one sample.
  package var outputCount: Int {
    switch self {
    case .regression, .binary: 1
    case .categorical(let classCount): classCount
    }
  }
}

/// The loss of one task: the mean over the samples of a batch, as PyTorch's modules of these names.
package enum TaskLoss: Hashable, Sendable {
  /// Mean absolute error.
  case l1
  /// Huber's loss with its bend at `beta`, scaled by 1/beta: PyTorch's SmoothL1Loss.
  case smoothL1(beta: Float = 1)
  case meanSquaredError
  /// Binary cross-entropy on the logit; the positive samples' part is multiplied by
  /// `positiveWeight`.
  case binaryCrossEntropy(positiveWeight: Float = 1)
  /// Cross-entropy of the softmax. With class weights, the weighted mean; `labelSmoothing` is the
  /// share of the target that is spread over all classes.
  case crossEntropy(classWeights: [Float]? = nil, labelSmoothing: Float = 0)
}

/// One thing that the network learns: a head, the label column it is trained on, and its loss.
package struct TaskDescription: Hashable, Sendable {
  /// Names the head in logs, metrics and freezing.
  package let name: String
  /// The store's label column.
  package let column: String
  package let kind: TaskKind
  package let loss: TaskLoss
  /// Factor of the loss in the plain sum over tasks. The network does not apply it: `backward`
  /// takes the weights of the step.
  package let lossWeight: Float

  package init(
    name: String, column: String? = nil, kind: TaskKind, loss: TaskLoss, lossWeight: Float = 1
  ) {
    self.name = name
    self.column = column ?? name
    self.kind = kind
    self.loss = loss
    self.lossWeight = lossWeight
  }

  /// The article's HydraNet: age, gender and ethnicity, in the order of its fc1, fc2, fc3.
  package static let article = [
    TaskDescription(name: "age", kind: .regression, loss: .l1),
    TaskDescription(name: "gender", kind: .binary, loss: .binaryCrossEntropy()),
    TaskDescription(name: "race", kind: .categorical(classCount: 5), loss: .crossEntropy()),
  ]

  /// What is wrong with the description, or nil.
  var problem: String? {
    switch (kind, loss) {
    case (.regression, .l1), (.regression, .meanSquaredError): nil
    case (.regression, .smoothL1(let beta)):
      beta > 0 && beta.isFinite ? nil : "smooth L1's beta is above 0, not \(beta)"
    case (.binary, .binaryCrossEntropy(let weight)):
      weight > 0 && weight.isFinite ? nil : "the positive weight is above 0, not \(weight)"
    case (.categorical(let classCount), .crossEntropy(let weights, let smoothing)):
      problem(classCount: classCount, weights: weights, smoothing: smoothing)
    default: "\(loss) is no loss of a \(kind) task"
    }
  }

  private func problem(classCount: Int, weights: [Float]?, smoothing: Float) -> String? {
    if classCount < 2 || classCount > 10_000 {
      return "a categorical task has 2 to 10000 classes, not \(classCount)"
    }
    if !(0..<1).contains(smoothing) {
      return "label smoothing is from 0 to below 1, not \(smoothing)"
    }
    guard let weights else { return nil }
    if weights.count != classCount {
      return "\(weights.count) class weights do not fit \(classCount) classes"
    }
    if !weights.allSatisfy({ $0 >= 0 && $0.isFinite }) || weights.allSatisfy({ $0 == 0 }) {
      return "class weights are finite, 0 or more, and not all 0"
    }
    return nil
  }
}
