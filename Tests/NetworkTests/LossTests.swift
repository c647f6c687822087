import Network
import Testing

/// Values and gradients of every loss and option against PyTorch.
@Suite struct LossTests {
  static let weights: [Float] = [0.5, 2, 1, 0.25]

  static let cases: [(name: String, kind: TaskKind, loss: TaskLoss)] = [
    ("l1", .regression, .l1),
    ("smoothL1", .regression, .smoothL1()),
    ("smoothL1 beta 2.5", .regression, .smoothL1(beta: 2.5)),
    ("mse", .regression, .meanSquaredError),
    ("bce", .binary, .binaryCrossEntropy()),
    ("bce weight 3", .binary, .binaryCrossEntropy(positiveWeight: 3)),
    ("ce", .categorical(classCount: 4), .crossEntropy()),
    ("ce weights", .categorical(classCount: 4), .crossEntropy(classWeights: weights)),
    ("ce smoothing", .categorical(classCount: 4), .crossEntropy(labelSmoothing: 0.1)),
    (
      "ce both", .categorical(classCount: 4),
      .crossEntropy(classWeights: weights, labelSmoothing: 0.1)
    ),
  ]

  @Test(arguments: cases.indices) func matchesPyTorch(index: Int) throws {
    let (name, kind, loss) = Self.cases[index]
    let golden = try #require(
      Golden.load("losses", as: [String: Golden.Loss].self)[name], "no golden value for \(name)")
    let count = 7
    let table = Formula.noise("logits", count * 4).map { 4 * $0 }
    let targets = Formula.noise("targets", count).map { 4 * $0 }
    let logits = kind.outputCount == 1 ? (0..<count).map { table[4 * $0] } : table
    let labels: [Float]
    switch kind {
    case .regression: labels = targets
    case .binary: labels = targets.map { $0 > 0 ? 1 : 0 }
    case .categorical: labels = (0..<count).map { Float($0 % 4) }
    }
    var gradient = [Float](repeating: .nan, count: logits.count)
    let value = lossAndGradient(
      TaskDescription(name: "task", kind: kind, loss: loss), logits: logits, labels: labels,
      count: count, gradient: &gradient)
    #expect(abs(value - golden.loss) < 1e-6 * max(1, golden.loss), "\(name)")
    #expect(Golden.deviation(gradient, from: golden.gradient) < 1e-6, "\(name)")
  }

  /// exp overflows beyond 88: neither loss may.
  @Test func staysFiniteForLargeLogits() {
    let logits: [Float] = [200, -200]
    for (kind, loss) in [
      (TaskKind.binary, TaskLoss.binaryCrossEntropy()),
      (.categorical(classCount: 2), .crossEntropy()),
    ] {
      let task = TaskDescription(name: "task", kind: kind, loss: loss)
      let count = kind.outputCount == 1 ? 2 : 1
      var gradient: [Float] = [0, 0]
      let value = lossAndGradient(
        task, logits: logits, labels: [0, 1], count: count, gradient: &gradient)
      #expect(value == (kind == .binary ? 200 : 0))
      #expect(gradient.allSatisfy { $0.isFinite })
    }
  }
}
