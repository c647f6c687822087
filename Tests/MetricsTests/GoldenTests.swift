import Experiment
import Foundation
import Metrics
import Testing

/// What NumPy, SciPy and cleanlab computed, made by Golden/make_golden.py.
private struct Golden: Decodable {
  struct Head: Decodable {
    var logits: [Float]
    var labels: [Float]
    var ece: Double
    var counts: [Int]
    var temperature: Double
    var eceAfter: Double
    var threshold90: Double
    var doubts: Doubts
  }
  struct Doubts: Decodable {
    var samples: [Int]
    var answers: [Double]
    var scores: [Double]
  }
  var categorical: Head
  var binary: Head
  var values: [Double]
  var percentiles: [Double]

  static func load() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "golden", withExtension: "json", subdirectory: "Golden"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Golden.self, from: Data(contentsOf: url))
  }
}

@Suite struct GoldenTests {
  @Test(arguments: [TaskSettings.Kind.categorical, .binary])
  func calibrationAgrees(_ kind: TaskSettings.Kind) throws {
    let golden = try Golden.load()
    let head = kind == .binary ? golden.binary : golden.categorical
    let table = ReliabilityTable(kind, outputs: head.logits, labels: head.labels)
    #expect(table.bins.map(\.count) == head.counts)
    #expect(abs(table.expectedCalibrationError - head.ece) < 1e-9)
    let temperature = Temperature.fit(kind, outputs: head.logits, labels: head.labels)
    #expect(abs(temperature - head.temperature) < 1e-6)
    let scaled = ReliabilityTable(
      kind, outputs: head.logits.map { $0 / Float(temperature) }, labels: head.labels)
    #expect(abs(scaled.expectedCalibrationError - head.eceAfter) < 1e-6)
    #expect(head.eceAfter < head.ece / 2)
  }

  @Test(arguments: [TaskSettings.Kind.categorical, .binary])
  func conformalThresholdAgrees(_ kind: TaskSettings.Kind) throws {
    let golden = try Golden.load()
    let head = kind == .binary ? golden.binary : golden.categorical
    let width = kind == .binary ? 1 : 5
    let scores = head.labels.indices.map {
      HeadAnswer(kind, head.logits[$0 * width..<($0 + 1) * width]).score(label: head.labels[$0])
    }
    #expect(abs(ConformalTable(scores: scores)[percent: 90] - head.threshold90) < 1e-9)
  }

  @Test(arguments: [TaskSettings.Kind.categorical, .binary])
  func labelDoubtsAreCleanlabs(_ kind: TaskSettings.Kind) throws {
    let golden = try Golden.load()
    let head = kind == .binary ? golden.binary : golden.categorical
    let width = kind == .binary ? 1 : 5
    // Samples without a label change nothing.
    let labels = head.labels + [.nan, .nan]
    let logits = head.logits + [Float](repeating: 3, count: 2 * width)
    let doubts = LabelDoubts.classes(
      labels.indices.map { HeadAnswer(kind, logits[$0 * width..<($0 + 1) * width]) },
      labels: labels)
    #expect(doubts.map(\.sample) == head.doubts.samples)
    #expect(doubts.map(\.answer) == head.doubts.answers)
    for (doubt, score) in zip(doubts, head.doubts.scores) {
      #expect(abs(doubt.score - score) < 1e-9)
    }
  }

  @Test func numbersAreDoubtedByRobustDeviations() {
    // Errors 1, 2, 3, 4 and 40: the median is 3, and 40 / (1.4826 · 3) = 8.993.
    let doubts = LabelDoubts.numbers(
      [11, 22, 33, 44, 10, 7], labels: [10, 20, 30, 40, 50, .nan], limit: 5)
    #expect(doubts.map(\.sample) == [4] && doubts.map(\.answer) == [10])
    #expect(abs(doubts[0].score - 40 / (1.4826 * 3)) < 1e-12)
    #expect(LabelDoubts.numbers([1, 2, 3], labels: [1, 2, 90], limit: 5).isEmpty)
  }

  @Test func percentileIsNumPys() throws {
    let golden = try Golden.load()
    let sorted = golden.values.sorted()
    for (share, expected) in zip([0.025, 0.5, 0.975], golden.percentiles) {
      #expect(abs(Bootstrap.percentile(sorted, share) - expected) < 1e-12)
    }
  }
}
