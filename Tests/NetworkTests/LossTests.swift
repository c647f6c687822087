import Experiment
import Foundation
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
    ("distribution ce", distribution(.ce)),
    ("distribution ce expectation", distribution(.ce) { $0.expectationWeight = 0.5 }),
    ("distribution dldl", distribution(.dldl) { $0.sigma = 0.75 }),
    (
      "distribution dldl expectation",
      distribution(.dldl) {
        $0.sigma = 0.75
        $0.expectationWeight = 1
      }
    ),
  ]

  /// Nine values from -3 to 3: labels lie between them and beyond.
  private static func distribution(
    _ loss: TaskSettings.Loss, _ change: (inout TaskSettings) -> Void = { _ in }
  ) -> TaskSettings {
    task(.regression, loss) {
      $0.range = [-3, 3]
      $0.binWidth = 0.75
      change(&$0)
    }
  }

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
    let table = Formula.noise("logits", count * max(4, task.outputCount)).map { 4 * $0 }
    let targets = Formula.noise("targets", count).map { 4 * $0 }
    let logits = task.outputCount == 1 ? (0..<count).map { table[4 * $0] } : table
    let labels: [Float]
    switch task.kind {
    case .regression: labels = targets
    case .binary: labels = targets.map { $0 > 0 ? 1 : 0 }
    case .categorical: labels = (0..<count).map { Float($0 % 4) }
    }
    var gradient = [Float](repeating: .nan, count: logits.count)
    let (value, weight) = lossAndGradient(
      task, logits: logits, labels: labels, count: count, gradient: &gradient)
    #expect(abs(value - golden.loss) < 1e-6 * max(1, golden.loss), "\(name)")
    #expect(Golden.deviation(gradient, from: golden.gradient) < 1e-6, "\(name)")

    // The weights make the mean over any batches that of the whole.
    var sum = 0.0
    var weights = 0.0
    for range in [0..<2, 2..<3, 3..<7] {
      let width = task.outputCount
      let part = lossAndGradient(
        task,
        logits: Array(logits[range.lowerBound * width..<range.upperBound * width]),
        labels: Array(labels[range]), count: range.count, gradient: &gradient)
      sum += Double(part.mean) * part.weight
      weights += part.weight
    }
    #expect(abs(Float(sum / weights) - golden.loss) < 1e-6 * max(1, golden.loss), "\(name)")
    #expect(abs(weights - weight) < 1e-6)
    #expect(
      abs(Float(weight) - labels.reduce(0) { $0 + task.sampleWeight(of: $1) }) < 1e-6, "\(name)")
  }

  /// Samples without a label: loss and gradient are those of the other samples alone.
  @Test(arguments: cases.indices) func labelsThatAreMissingTakeNoPart(index: Int) {
    let (name, task) = Self.cases[index]
    let width = task.outputCount
    let logits = Formula.noise("logits", 6 * width)
    let labels: [Float] = [.nan, 1, 0, .nan, 1, .nan]
    let known = [1, 2, 4]
    var gradient = [Float](repeating: .nan, count: logits.count)
    let value = lossAndGradient(
      task, logits: logits, labels: labels, count: 6, gradient: &gradient)
    var expected = [Float](repeating: .nan, count: 3 * width)
    let alone = lossAndGradient(
      task, logits: known.flatMap { logits[$0 * width..<($0 + 1) * width] },
      labels: known.map { labels[$0] }, count: 3, gradient: &expected)
    #expect(value == alone, "\(name)")
    #expect(known.flatMap { gradient[$0 * width..<($0 + 1) * width] } == expected, "\(name)")
    for sample in [0, 3, 5] {
      #expect(gradient[sample * width..<(sample + 1) * width].allSatisfy { $0 == 0 }, "\(name)")
    }
    let none = lossAndGradient(
      task, logits: logits, labels: [.nan, .nan], count: 2, gradient: &gradient)
    #expect(none == (0, 0) && gradient[..<(2 * width)].allSatisfy { $0 == 0 }, "\(name)")
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
      let (value, _) = lossAndGradient(
        task, logits: logits, labels: [0, 1], count: count, gradient: &gradient)
      #expect(value == (task.kind == .binary ? 200 : 0))
      #expect(gradient.allSatisfy { $0.isFinite })
    }
  }

  /// Central differences of the value, for every logit.
  @Test(arguments: cases.indices) func gradientsAreSlopes(index: Int) {
    let (name, task) = Self.cases[index]
    let count = 3
    let logits = Formula.noise("slopes", count * task.outputCount).map { 2 * $0 }
    let labels: [Float] = task.isDistribution ? [-3.5, 0.3, 1.5] : [1, 0, 1]
    var gradient = [Float](repeating: .nan, count: logits.count)
    var unused = gradient
    func loss(_ logits: [Float]) -> Double {
      Double(
        lossAndGradient(task, logits: logits, labels: labels, count: count, gradient: &unused).mean)
    }
    _ = lossAndGradient(task, logits: logits, labels: labels, count: count, gradient: &gradient)
    for place in logits.indices {
      let step: Float = 0.01
      var (above, below) = (logits, logits)
      above[place] += step
      below[place] -= step
      let slope = (loss(above) - loss(below)) / Double(above[place] - below[place])
      #expect(abs(slope - Double(gradient[place])) < 1e-4, "\(name), logit \(place)")
    }
  }

  /// A head that gives the Gaussian itself has learned all there is.
  @Test func aPerfectDistributionHasNoLoss() throws {
    let task = Self.distribution(.dldl) { $0.sigma = 1.5 }
    let bins = try #require(task.distributionBins)
    let logits = (0..<bins.count).map { Float(-pow(bins.value($0) - 0.75, 2) / 4.5) }
    var gradient = [Float](repeating: .nan, count: logits.count)
    let (value, _) = lossAndGradient(
      task, logits: logits, labels: [0.75], count: 1, gradient: &gradient)
    #expect(abs(value) < 1e-6 && gradient.allSatisfy { abs($0) < 1e-6 })
  }
}
