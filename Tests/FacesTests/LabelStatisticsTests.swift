import Experiment
import Faces
import Foundation
import Testing

@Suite struct LabelStatisticsTests {
  /// UTKFace's columns with these values.
  private func faces(_ values: [(Float, Float, Float)]) -> [(column: Column, values: [Float])] {
    [values.map(\.0), values.map(\.1), values.map(\.2)].enumerated().map {
      (FaceLabels.columns[$0], $1)
    }
  }

  private func small() -> LabelStatistics {
    LabelStatistics(faces([(10, 0, 0), (20, 0, 0), (20, 1, 1), (40, 0, 4), (116, 1, 0)]))
  }

  @Test func countsByHand() throws {
    let statistics = small()
    #expect(statistics.count == 5)
    #expect(statistics.columns["gender"]?.histogram == [3, 2])
    #expect(statistics.columns["race"]?.histogram == [3, 1, 0, 0, 1])
    #expect(statistics.crossTable?.counts == [[2, 0, 0, 0, 1], [1, 1, 0, 0, 0]])
    let bins = try #require(statistics.columns["age"]?.bins)
    #expect(bins.map(\.count) == [0, 1, 2, 0, 1, 0, 0, 0, 0, 0, 0, 1])
    #expect(bins[2].from == 20 && bins[2].to == 30)
  }

  @Test func agesByHand() throws {
    let age = try #require(small().columns["age"]?.summary)
    // Sorted 10 20 20 40 116; quantiles interpolate at share·4. The deviation is that of
    // (-31.2, -21.2, -21.2, -1.2, 74.8): √(7468.8/5).
    #expect(age.mean == 41.2)
    #expect(abs(age.standardDeviation - 38.6492) < 1e-4)
    #expect(age.minimum == 10 && age.maximum == 116)
    #expect(age.median == 20 && age.quartile1 == 20 && age.quartile3 == 40)
    #expect(abs(age.quantile5 - 12) < 1e-12)
    #expect(abs(age.quantile95 - 100.8) < 1e-9)
  }

  @Test func theMedianOfAnEvenCountLiesBetween() {
    let statistics = LabelStatistics(faces([(10, 0, 0), (13, 0, 0)]))
    #expect(statistics.columns["age"]?.summary?.median == 11.5)
  }

  @Test func weightsBalanceTheClasses() {
    let columns = small().columns
    #expect(columns["gender"]?.classWeights == [5.0 / 6, 5.0 / 4])
    let race: [Double?] = [5.0 / 9, 5.0 / 3, nil, nil, 5.0 / 3]
    #expect(columns["race"]?.classWeights == race)
  }

  @Test func missingLabelsAreCounted() throws {
    let score = try Column("score", .label, .number, .float32)
    let kind = try Column("kind", .label, .class, .uint16)
    let statistics = LabelStatistics([
      (score, [0.5, .nan, -0.25, 1]), (kind, [.nan, 2, 0, .nan]),
    ])
    #expect(statistics.columns["score"]?.missing == 1)
    #expect(statistics.columns["score"]?.bins?.reduce(0) { $0 + $1.count } == 3)
    #expect(statistics.columns["kind"]?.missing == 2)
    #expect(statistics.columns["kind"]?.histogram == [1, 0, 1])
    #expect(statistics.crossTable == nil)
    let lines = LabelReport(splits: [.init(name: "files", statistics: statistics)]).lines()
    #expect(lines.contains { $0.hasPrefix("  missing") && $0.hasSuffix("2") })
  }

  @Test func emptySplit() {
    let statistics = LabelStatistics(faces([]))
    #expect(statistics.count == 0 && statistics.columns["age"]?.summary == nil)
    #expect(statistics.columns["gender"]?.classWeights == [nil, nil])
    #expect(LabelDrift(FaceLabels.columns.map { ($0, [], []) }) == nil)
    #expect(!LabelReport(splits: [.init(name: "train", statistics: statistics)]).lines().isEmpty)
  }

  private func drift(
    _ train: [(Float, Float, Float)], _ validation: [(Float, Float, Float)]
  ) -> LabelDrift? {
    LabelDrift(zip(faces(train), faces(validation)).map { ($0.column, $0.values, $1.values) })
  }

  @Test func driftByHand() throws {
    let train: [(Float, Float, Float)] = [
      (10, 0, 0), (20, 0, 0), (20, 1, 1), (40, 0, 4), (116, 1, 0),
    ]
    let drift = try #require(
      drift(train, [(15, 0, 0), (20, 1, 0), (50, 1, 0), (60, 1, 0)])?.columns)
    // Gender (0.6, 0.4) against (0.25, 0.75); race (0.6, 0.2, 0, 0, 0.2) against (1, 0, 0, 0, 0).
    #expect(abs(drift["gender"]!.distance - 0.35) < 1e-12)
    #expect(abs(drift["race"]!.distance - 0.4) < 1e-12)
    // Cumulative shares at 40: 0.8 against 0.5; nowhere more.
    #expect(abs(drift["age"]!.distance - 0.3) < 1e-12)
    #expect(abs(drift["age"]!.meanDifference! - (36.25 - 41.2)) < 1e-12)
    #expect(abs(drift["age"]!.limit! - 1.358 * (9.0 / 20).squareRoot()) < 1e-12)
    #expect(self.drift(train, train)?.columns["age"]?.distance == 0)
  }

  @Test func jsonHasTheKeys() throws {
    let text = String(decoding: try JSONEncoder().encode(small()), as: UTF8.self)
    for key in ["\"histogram\"", "\"cross_table\"", "\"p95\"", "\"class_weights\"", "\"missing\""] {
      #expect(text.contains(key))
    }
  }

  @Test func theReportFitsEightyColumns() throws {
    let many: [(Float, Float, Float)] = (0..<30_000).map { index in
      let age = Float(index * index % 117)
      return (age, Float(index % 2), Float(index % 5))
    }
    let lines = LabelReport(
      splits: [
        .init(name: "train", statistics: LabelStatistics(faces(many))),
        .init(name: "validation", statistics: small()),
      ], drift: drift(many, [(15, 0, 0), (20, 1, 0)]),
      channels: .init(mean: [0.5, 0.4, 0.3], standardDeviation: [0.2, 0.2, 0.2])
    ).lines()
    let text = lines.joined(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 && $0.last != " " })
    #expect(lines.count { $0.contains("gender × race") && $0.contains("Indian") } == 2)
    #expect(text.contains("2  40.0 % ████"))
    #expect(text.contains("60.0 %") && text.contains("30,000 images"))
  }
}
