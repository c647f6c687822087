import Experiment
import Metrics
import Testing

@Suite struct PropertyTests {
  /// Means over 50 random halvings of `samples`: how many of the second half the first half's table
  /// covers.
  private func meanCoverage(
    samples: Int, _ covers: ([Int]) -> (_ sample: Int) -> Bool
  ) -> Double {
    var random = CounterRandom(seed: 7, stream: 1)
    var covered = 0
    for _ in 0..<50 {
      let order = (0..<samples).shuffled(using: &random)
      let isCovered = covers(Array(order.prefix(samples / 2)))
      covered += order.suffix(samples / 2).count(where: isCovered)
    }
    return Double(covered) / Double(50 * (samples / 2))
  }

  /// Errors that are larger where the value is: no assumption of the model is needed.
  @Test func intervalsCoverWhatWasAsked() {
    var random = CounterRandom(seed: 3, stream: 0)
    let labels = (0..<1000).map { _ in Float(Double.random(in: 1...90, using: &random)) }
    let answers = labels.map { label in
      HeadAnswer(.regression, [label + Float(random.nextNormal()) * (2 + label / 10)])
    }
    let coverage = meanCoverage(samples: labels.count) { half in
      let table = ConformalTable(scores: half.map { answers[$0].score(label: labels[$0]) })
      return { sample in
        answers[sample].interval(threshold: table[percent: 90]).contains(Double(labels[sample]))
      }
    }
    #expect((0.89...0.91).contains(coverage), "\(coverage)")
  }

  @Test(arguments: [0.5, 1, 4]) func setsCoverAtLeastWhatWasAsked(_ sharpness: Double) {
    var random = CounterRandom(seed: 4, stream: 0)
    let labels = (0..<1000).map { _ in Float(Int.random(in: 0..<5, using: &random)) }
    let answers = labels.map { label in
      HeadAnswer(
        .categorical,
        ArraySlice(
          (0..<5).map { Float(sharpness * random.nextNormal() + (Float($0) == label ? 2 : 0)) }))
    }
    let coverage = meanCoverage(samples: labels.count) { half in
      let table = ConformalTable(scores: half.map { answers[$0].score(label: labels[$0]) })
      return { sample in
        answers[sample].classes(threshold: table[percent: 90]).contains(Int(labels[sample]))
      }
    }
    #expect(coverage >= 0.89, "\(coverage)")
  }

  /// An age is not below 0, and JSON has no infinity.
  @Test func intervalsStayWithinTheNumbersOfTheColumn() {
    let answer = HeadAnswer(.regression, [3])
    #expect(answer.interval(threshold: 10, within: 0...116) == 0...13)
    #expect(answer.interval(threshold: 2, within: 0...116) == 1...5)
    #expect(answer.interval(threshold: 1, within: 5...9) == 5...5)
    #expect(Float(answer.interval(threshold: 1e308).upperBound).isFinite)
  }

  @Test func tooFewSamplesCoverNothingForSure() {
    let table = ConformalTable(scores: [0.1, 0.2, 0.3])
    #expect(table[percent: 75] == 0.3 && table[percent: 76] == .infinity)
    #expect(ConformalTable(thresholds: table.thresholds) == table)
    #expect(ConformalTable(thresholds: table.thresholds.reversed()) == nil)
    #expect(ConformalTable(thresholds: [0.1]) == nil)
  }

  /// Everything right asks for no doubt, everything wrong for all of it.
  @Test(arguments: [
    (Float(1), Temperature.range.lowerBound), (Float(0), Temperature.range.upperBound),
  ])
  func temperatureEndsAtItsBounds(_ label: Float, _ expected: Double) {
    let fitted = Temperature.fit(
      .binary, outputs: [1, 2, 3], labels: [label, label, label])
    #expect(abs(fitted - expected) < 1e-9)
  }

  /// The interval of a share is as wide as the normal approximation says, and the same every time.
  @Test func bootstrapIsAsWideAsTheory() throws {
    let values = (0..<400).map { $0 % 4 == 0 ? 0.0 : 1.0 }
    func interval(_ stream: UInt64) throws -> ClosedRange<Double> {
      let intervals = Bootstrap.intervals(count: 400, stream: stream) { drawn in
        [drawn.reduce(0) { $0 + values[$1] } / 400]
      }
      return try #require(intervals[0])
    }
    let found = try interval(5)
    let half = 1.96 * (0.75 * 0.25 / 400).squareRoot()
    #expect(abs(found.lowerBound - (0.75 - half)) < 0.01)
    #expect(abs(found.upperBound - (0.75 + half)) < 0.01)
    #expect(try interval(5) == found)
    #expect(try interval(6) != found)
  }

  @Test func bootstrapOfARareFigureHasNoInterval() {
    let intervals = Bootstrap.intervals(count: 3, stream: 0) { drawn in
      [drawn.allSatisfy { $0 == 0 } ? 1 : nil, .nan, 2]
    }
    #expect(intervals == [nil, nil, 2...2])
  }
}
