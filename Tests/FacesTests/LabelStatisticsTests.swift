import Faces
import Foundation
import Testing

@Suite struct LabelStatisticsTests {
  private func faces(_ values: [(Int, Int, Int)]) throws -> [FaceLabels] {
    try values.map { try FaceLabels(age: $0.0, gender: $0.1, race: $0.2) }
  }

  private func small() throws -> LabelStatistics {
    LabelStatistics(
      LabelCounter(try faces([(10, 0, 0), (20, 0, 0), (20, 1, 1), (40, 0, 4), (116, 1, 0)])))
  }

  @Test func countsByHand() throws {
    let statistics = try small()
    #expect(statistics.count == 5)
    #expect(statistics.genderHistogram == [3, 2])
    #expect(statistics.raceHistogram == [3, 1, 0, 0, 1])
    #expect(statistics.genderByRace == [[2, 0, 0, 0, 1], [1, 1, 0, 0, 0]])
    #expect(statistics.ageHistogram.count == 117)
    #expect(statistics.ageHistogram[20] == 2 && statistics.ageHistogram[116] == 1)
    #expect(statistics.decadeHistogram == [0, 1, 2, 0, 1, 0, 0, 0, 0, 0, 0, 1])
  }

  @Test func agesByHand() throws {
    let age = try #require(try small().age)
    // Sorted 10 20 20 40 116; quantiles interpolate at share·4. The deviation is that of
    // (-31.2, -21.2, -21.2, -1.2, 74.8): √(7468.8/5).
    #expect(age.mean == 41.2)
    #expect(abs(age.standardDeviation - 38.6492) < 1e-4)
    #expect(age.minimum == 10 && age.maximum == 116)
    #expect(age.median == 20 && age.quartile1 == 20 && age.quartile3 == 40)
    #expect(abs(age.quantile5 - 12) < 1e-12)
    #expect(abs(age.quantile95 - 100.8) < 1e-9)
  }

  @Test func theMedianOfAnEvenCountLiesBetween() throws {
    let statistics = LabelStatistics(LabelCounter(try faces([(10, 0, 0), (13, 0, 0)])))
    #expect(statistics.age?.median == 11.5)
  }

  @Test func weightsBalanceTheClasses() throws {
    let weights = try small().classWeights
    #expect(weights.gender == [5.0 / 6, 5.0 / 4])
    let race: [Double?] = [5.0 / 9, 5.0 / 3, nil, nil, 5.0 / 3]
    #expect(weights.race == race)
    #expect(weights.ageDecade[2] == 5.0 / 8)
  }

  @Test func columnsAreCheckedAndCounted() throws {
    let statistics = try LabelStatistics(
      ages: [10, 20, 20, 40, 116], genders: [0, 0, 1, 0, 1], races: [0, 0, 1, 4, 0])
    #expect(try statistics == small())
    let error = #expect(throws: LabelColumnError.self) {
      try LabelStatistics(ages: [1, 117], genders: [0, 0], races: [0, 0])
    }
    #expect(
      error?.description
        == "sample 1: the age is out of range: expected 0 to 116, got 117")
    #expect(throws: LabelColumnError.self) {
      try LabelStatistics(ages: [1], genders: [0, 0], races: [0])
    }
  }

  @Test func emptySplit() {
    let statistics = LabelStatistics(LabelCounter())
    #expect(statistics.count == 0 && statistics.age == nil)
    #expect(statistics.classWeights.gender == [nil, nil])
    #expect(LabelDrift(train: statistics, validation: statistics) == nil)
  }

  @Test func driftByHand() throws {
    let train = try small()
    let validation = LabelStatistics(
      LabelCounter(try faces([(15, 0, 0), (20, 1, 0), (50, 1, 0), (60, 1, 0)])))
    let drift = try #require(LabelDrift(train: train, validation: validation))
    // Gender (0.6, 0.4) against (0.25, 0.75); race (0.6, 0.2, 0, 0, 0.2) against (1, 0, 0, 0, 0).
    #expect(abs(drift.gender - 0.35) < 1e-12)
    #expect(abs(drift.race - 0.4) < 1e-12)
    // Cumulative shares at 40: 0.8 against 0.5; nowhere more.
    #expect(abs(drift.ageKS - 0.3) < 1e-12)
    #expect(abs(drift.ageMeanDifference - (36.25 - 41.2)) < 1e-12)
    #expect(abs(drift.ageKSLimit - 1.358 * (9.0 / 20).squareRoot()) < 1e-12)
    #expect(LabelDrift(train: train, validation: train)?.genderByRace == 0)
  }

  @Test func jsonRoundTrip() throws {
    let data = try JSONEncoder().encode(try small())
    #expect(try JSONDecoder().decode(LabelStatistics.self, from: data) == small())
    let text = try #require(String(data: data, encoding: .utf8))
    for key in ["\"age_histogram\"", "\"gender_by_race\"", "\"p95\"", "\"class_weights\""] {
      #expect(text.contains(key))
    }
  }

  @Test func theReportFitsEightyColumns() throws {
    let train = LabelStatistics(
      LabelCounter(try faces((0..<30_000).map { ($0 * $0 % 117, $0 % 2, $0 % 5) })))
    let validation = try small()
    let lines = LabelReport(
      splits: [
        .init(name: "train", statistics: train), .init(name: "validation", statistics: validation),
      ], drift: LabelDrift(train: train, validation: validation),
      channels: .init(mean: [0.5, 0.4, 0.3], standardDeviation: [0.2, 0.2, 0.2])
    ).lines()
    let text = lines.joined(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 && $0.last != " " })
    #expect(lines.count { $0.contains("gender × race") && $0.contains("Indian") } == 2)
    #expect(text.contains("  20–29           2  40.0 %") == false)
    #expect(text.contains("2  40.0 % ████"))
    #expect(text.contains("60.0 %") && text.contains("30,000 faces"))
  }
}
