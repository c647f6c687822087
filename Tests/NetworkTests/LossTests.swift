import Experiment
import Network
import Testing

/// Values and gradients of every loss and option against PyTorch.
@Suite struct LossTests {
  static let weights = [0.5, 2, 1, 0.25]

  static let cases: [(name: String, task: TaskSettings)] = [
    ("l1", task(.regression, .l1)),
    ("smoothL1", task(.regression, .smoothL1)),
    ("mse", task(.regression, .mse)),
    ("bce", task(.binary)),
    ("bce weight 3", task(.binary) { $0.positiveWeight = 3 }),
    ("ce", task(.categorical)),
    ("ce weights", task(.categorical) { $0.classWeights = .list(weights) }),
    ("ce smoothing", task(.categorical) { $0.labelSmoothing = 0.1 }),
    (
      "ce both",
      task(.categorical) {
        $0.classWeights = .list(weights)
        $0.labelSmoothing = 0.1
      }
    ),
  ]

  private static func task(
    _ kind: TaskSettings.Kind, _ loss: TaskSettings.Loss? = nil,
    _ change: (inout TaskSettings) -> Void = { _ in }
  ) -> TaskSettings {
    var task = TaskSettings(
      name: "task", kind: kind, classes: kind == .categorical ? 4 : nil, loss: loss)
    change(&task)
    return task
  }

  @Test(arguments: cases.indices) func matchesPyTorch(index: Int) throws {
    let (name, task) = Self.cases[index]
    let golden = try #require(
      Golden.load("losses", as: [String: Golden.Loss].self)[name], "no golden value for \(name)")
    let count = 7
    let table = Formula.noise("logits", count * 4).map { 4 * $0 }
    let targets = Formula.noise("targets", count).map { 4 * $0 }
    let logits = task.outputCount == 1 ? (0..<count).map { table[4 * $0] } : table
    let labels: [Float]
    switch task.kind {
    case .regression: labels = targets
    case .binary: labels = targets.map { $0 > 0 ? 1 : 0 }
    case .categorical: labels = (0..<count).map { Float($0 % 4) }
    }
    var gradient = [Float](repeating: .nan, count: logits.count)
    let value = lossAndGradient(
      task, logits: logits, labels: labels, count: count, gradient: &gradient)
    #expect(abs(value - golden.loss) < 1e-6 * max(1, golden.loss), "\(name)")
    #expect(Golden.deviation(gradient, from: golden.gradient) < 1e-6, "\(name)")
  }

  /// exp overflows beyond 88: neither loss may.
  @Test func staysFiniteForLargeLogits() {
    let logits: [Float] = [200, -200]
    for task in [
      TaskSettings(name: "task", kind: .binary),
      TaskSettings(name: "task", kind: .categorical, classes: 2),
    ] {
      let count = task.outputCount == 1 ? 2 : 1
      var gradient: [Float] = [0, 0]
      let value = lossAndGradient(
        task, logits: logits, labels: [0, 1], count: count, gradient: &gradient)
      #expect(value == (task.kind == .binary ? 200 : 0))
      #expect(gradient.allSatisfy { $0.isFinite })
    }
  }
}
