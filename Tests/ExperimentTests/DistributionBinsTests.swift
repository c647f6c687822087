import Experiment
import Foundation
import Testing

/// The bins of a number's distribution, and what it is read as.
@Suite struct DistributionBinsTests {
  @Test(arguments: [
    (0.0, 116.0, 1.0, 117), (0, 1, 1, 2), (-3, 3, 0.75, 9), (0, 0.3, 0.1, 4), (0, 10, 3, 5),
    (0, 999, 1, 1000), (0, 1000, 1, nil), (5, 5, 1, nil), (5, 4, 1, nil), (0, 1e300, 1e-300, nil),
    (0, .nan, 1, nil),
  ])
  func binsReachFromEndToEnd(low: Double, high: Double, width: Double, count: Int?) throws {
    let bins = DistributionBins(from: low, through: high, width: width)
    #expect(bins?.count == count)
    guard let bins else { return }
    #expect(bins.value(0) == low)
    #expect(bins.value(bins.count - 1) > high - 1e-6)
    #expect(bins.value(bins.count - 2) < high)
  }

  @Test func answersOfKnownDistributions() throws {
    let bins = try #require(DistributionBins(from: 10, through: 14, width: 1))
    for (probabilities, median, mean, mode) in [
      ([0.3, 0.1, 0.2, 0.2, 0.2], 12.0, 11.9, 10.0),
      ([0.1, 0.1, 0.1, 0.1, 0.6], 14, 13, 14),
      ([0.6, 0.4, 1e-9, 1e-9, 1e-9], 10, 10.4, 10),
      ([0.2, 0.2, 0.2, 0.2, 0.2], 12, 12, 10),
    ] {
      // Logits are known up to a constant.
      let logits = probabilities.map { Float(log($0)) + 7 }
      #expect(bins.answer(.median, logits) == median, "\(probabilities)")
      #expect(abs(bins.answer(.mean, logits) - mean) < 1e-5, "\(probabilities)")
      #expect(bins.answer(.mode, logits) == mode, "\(probabilities)")
    }
  }

  @Test func quantilesOfKnownDistributions() throws {
    let bins = try #require(DistributionBins(from: 10, through: 14, width: 1))
    let shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]
    for (probabilities, expected) in [
      ([0.3, 0.1, 0.2, 0.2, 0.2], [10.0, 10, 10, 12, 13, 14, 14]),
      ([0.04, 0.16, 0.6, 0.16, 0.04], [10, 11, 12, 12, 12, 13, 14]),
      ([1e-12, 1, 1e-12, 1e-12, 1e-12], [10, 11, 11, 11, 11, 11, 11]),
    ] {
      let logits = probabilities.map { Float(log($0)) - 3 }
      let found = bins.quantiles(shares, logits)
      #expect(found.dropLast().elementsEqual(expected.dropLast()), "\(probabilities): \(found)")
      #expect(found[3] == bins.answer(.median, logits))
      // The last bin is reached by rounding, or not.
      #expect(found[6] >= expected[5])
    }
    let damaged = bins.quantiles([0.1, 0.9], [0, .nan, 0, 0, 0])
    #expect(damaged.count == 2 && damaged[0].isNaN && damaged[1].isNaN)
  }

  /// No other value has a smaller expected absolute or squared error than median and mean.
  @Test func answersAreBestByTheirOwnMeasure() throws {
    let bins = try #require(DistributionBins(from: -2, through: 5, width: 0.5))
    for seed in 0..<20 {
      let logits = (0..<bins.count).map { Float(sin(Double($0 * (seed + 3)) * 1.7)) * 3 }
      let p = softmax(logits.map { Double($0) })
      func risk(_ answer: Double, _ power: Double) -> Double {
        p.indices.reduce(0) { $0 + p[$1] * pow(abs(bins.value($1) - answer), power) }
      }
      let (median, mean) = (bins.answer(.median, logits), bins.answer(.mean, logits))
      for step in -28...70 {
        let other = Double(step) / 14
        #expect(risk(median, 1) <= risk(other, 1) + 1e-9)
        #expect(risk(mean, 2) <= risk(other, 2) + 1e-9)
      }
    }
  }

  @Test(arguments: DistributionBins.Answer.allCases) func damagedLogitsHaveNoAnswer(
    answer: DistributionBins.Answer
  ) throws {
    let bins = try #require(DistributionBins(from: 0, through: 2, width: 1))
    #expect(bins.answer(answer, [0, .nan, 0]).isNaN)
    #expect(bins.answer(answer, [0, .infinity, 0]).isNaN)
  }

  @Test func settingsThatDoNotFitAreRefused() throws {
    var task = TaskSettings(name: "age", kind: .regression, loss: .dldl)
    #expect(task.isDistribution && task.distributionBins == nil)
    try task.validate("task", .flags)
    task.range = [0, 116]
    try task.validate("task", .flags)
    #expect(task.outputCount == 117)
    func refused(
      _ expected: String, _ base: TaskSettings, _ change: (inout TaskSettings) -> Void
    ) {
      var task = base
      change(&task)
      let error = #expect(throws: PipelineError.self) { try task.validate("task", .flags) }
      #expect(error?.description.contains(expected) == true, "\(error.map { "\($0)" } ?? "")")
    }
    refused("task.range", task) { $0.binWidth = 0.1 }
    refused("task.sigma", task) { $0.sigma = 0 }
    refused("task.sigma", task) {
      $0.loss = .ce
      $0.sigma = 3
    }
    refused("task.class_weights", task) { $0.classWeights = .balanced }
    refused("task.label_smoothing", task) { $0.labelSmoothing = 0.1 }
    let plain = TaskSettings(name: "age", kind: .regression)
    refused("task.range", plain) { $0.range = [0, 9] }
    refused("task.bin_width", plain) { $0.binWidth = 2 }
    refused("task.answer", plain) { $0.answer = .mode }
    refused("task.expectation_weight", plain) { $0.expectationWeight = 1 }
    refused("task.loss", TaskSettings(name: "race", kind: .categorical, classes: 5)) {
      $0.loss = .dldl
    }
  }
}
