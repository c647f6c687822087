/// Counts and summary figures of the labels of one split.
///
/// Histograms are indexed by the label value. The JSON keys are snake case.
package struct LabelStatistics: Codable, Equatable, Sendable {
  package let count: Int
  /// 117 counts, one for each year.
  package let ageHistogram: [Int]
  /// 2 counts.
  package let genderHistogram: [Int]
  /// 5 counts.
  package let raceHistogram: [Int]
  /// 2 rows (gender) of 5 counts (race).
  package let genderByRace: [[Int]]
  /// Nil where there are no samples.
  package let age: AgeSummary?
  package let classWeights: ClassWeights

  enum CodingKeys: String, CodingKey {
    case count, age
    case ageHistogram = "age_histogram"
    case genderHistogram = "gender_histogram"
    case raceHistogram = "race_histogram"
    case genderByRace = "gender_by_race"
    case classWeights = "class_weights"
  }

  /// The statistics of all faces that were counted.
  package init(_ counter: LabelCounter) {
    self.init(ages: counter.ages, table: counter.table)
  }

  /// Counts label columns as a store holds them: one value per sample in each.
  ///
  /// - Throws: `LabelColumnError` for columns of different lengths or values out of range.
  package init(ages: [UInt8], genders: [UInt8], races: [UInt8]) throws(LabelColumnError) {
    guard ages.count == genders.count, ages.count == races.count else {
      throw LabelColumnError(
        description: "label columns differ in length: expected as many genders and races as ages, "
          + "got \(ages.count) ages, \(genders.count) genders and \(races.count) races")
    }
    var counter = LabelCounter()
    for index in ages.indices {
      for (field, value) in [
        (LabelField.age, ages[index]), (.gender, genders[index]), (.race, races[index]),
      ] where !field.range.contains(Int(value)) {
        throw LabelColumnError(
          description: "sample \(index): \(LabelRangeError(field: field, value: Int(value)))")
      }
      counter.add(FaceLabels(unchecked: ages[index], genders[index], races[index]))
    }
    self.init(counter)
  }

  private init(ages: [Int], table: [[Int]]) {
    count = ages.reduce(0, +)
    ageHistogram = ages
    genderByRace = table
    genderHistogram = table.map { $0.reduce(0, +) }
    raceHistogram = FaceLabels.raceNames.indices.map { race in table.reduce(0) { $0 + $1[race] } }
    age = AgeSummary(histogram: ages)
    classWeights = ClassWeights(
      gender: ClassWeights.balancing(genderHistogram), race: ClassWeights.balancing(raceHistogram),
      ageDecade: ClassWeights.balancing(Self.decades(ages)))
  }

  /// Counts by decade of age, 12 of them.
  package var decadeHistogram: [Int] { Self.decades(ageHistogram) }

  private static func decades(_ ages: [Int]) -> [Int] {
    (0..<FaceLabels.decadeCount).map { decade in
      ages[decade * 10..<min(decade * 10 + 10, ages.count)].reduce(0, +)
    }
  }
}

/// Label columns that are not those of a face data set.
package struct LabelColumnError: Error, Equatable, CustomStringConvertible {
  package let description: String
}

/// Mean, deviation and quantiles of age, in years.
package struct AgeSummary: Codable, Equatable, Sendable {
  package let mean: Double
  /// Of the population: divided by n.
  package let standardDeviation: Double
  package let minimum: Int
  package let quantile5: Double
  package let quartile1: Double
  package let median: Double
  package let quartile3: Double
  package let quantile95: Double
  package let maximum: Int

  enum CodingKeys: String, CodingKey {
    case mean, median
    case standardDeviation = "standard_deviation"
    case minimum = "min"
    case quantile5 = "p05"
    case quartile1 = "p25"
    case quartile3 = "p75"
    case quantile95 = "p95"
    case maximum = "max"
  }

  /// - Parameter histogram: the count for each year from 0. Nil if all are zero.
  init?(histogram: [Int]) {
    let count = histogram.reduce(0, +)
    guard let minimum = histogram.firstIndex(where: { $0 > 0 }),
      let maximum = histogram.lastIndex(where: { $0 > 0 })
    else { return nil }
    self.minimum = minimum
    self.maximum = maximum
    let sum = histogram.enumerated().reduce(0) { $0 + $1.offset * $1.element }
    let squares = histogram.enumerated().reduce(0) { $0 + $1.offset * $1.offset * $1.element }
    let mean = Double(sum) / Double(count)
    self.mean = mean
    standardDeviation = max(0, Double(squares) / Double(count) - mean * mean).squareRoot()

    var cumulative: [Int] = []
    for value in histogram { cumulative.append((cumulative.last ?? 0) + value) }
    /// The value at a zero-based rank of the sorted samples.
    func value(at rank: Int) -> Double { Double(cumulative.firstIndex { $0 > rank } ?? maximum) }
    /// Linear interpolation between the two nearest ranks, as numpy's default.
    func quantile(_ share: Double) -> Double {
      let position = share * Double(count - 1)
      let low = value(at: Int(position))
      let high = value(at: min(Int(position) + 1, count - 1))
      return low + (high - low) * (position - position.rounded(.down))
    }
    quantile5 = quantile(0.05)
    quartile1 = quantile(0.25)
    median = quantile(0.5)
    quartile3 = quantile(0.75)
    quantile95 = quantile(0.95)
  }
}

/// The weight of each class that makes all classes count the same in a weighted loss.
///
/// The weight is n / (k·n_c) for a class of n_c of n samples, among k classes that occur: the mean
/// over the samples is 1. A class that does not occur has none.
package struct ClassWeights: Codable, Equatable, Sendable {
  package let gender: [Double?]
  package let race: [Double?]
  package let ageDecade: [Double?]

  enum CodingKeys: String, CodingKey {
    case gender, race
    case ageDecade = "age_decade"
  }

  static func balancing(_ histogram: [Int]) -> [Double?] {
    let count = Double(histogram.reduce(0, +))
    let classes = Double(histogram.count { $0 > 0 })
    return histogram.map { $0 > 0 ? count / (classes * Double($0)) : nil }
  }
}
