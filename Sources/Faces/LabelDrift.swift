/// How far the label distributions of two splits are apart.
///
/// All figures are between 0 (equal) and 1 (nothing in common).
package struct LabelDrift: Codable, Equatable, Sendable {
  /// Kolmogorov–Smirnov distance of age: the largest difference of the two cumulative shares.
  package let ageKS: Double
  /// What `ageKS` stays below in 95 of 100 random splits of these sizes: 1.358·√((n+m)/(n·m)).
  package let ageKSLimit: Double
  /// Total variation distance of gender: half the sum of the differences of the shares.
  package let gender: Double
  /// Total variation distance of race.
  package let race: Double
  /// Total variation distance of the ten pairs of gender and race.
  package let genderByRace: Double
  /// Mean age of the second split minus that of the first, in years.
  package let ageMeanDifference: Double

  enum CodingKeys: String, CodingKey {
    case gender, race
    case ageKS = "age_ks"
    case ageKSLimit = "age_ks_limit"
    case genderByRace = "gender_by_race"
    case ageMeanDifference = "age_mean_difference"
  }

  /// The drift from `train` to `validation`, or nil where one of them is empty.
  package init?(train: LabelStatistics, validation: LabelStatistics) {
    guard let trainAge = train.age, let validationAge = validation.age else { return nil }
    let (n, m) = (Double(train.count), Double(validation.count))
    ageKS = Self.kolmogorovSmirnov(train.ageHistogram, validation.ageHistogram)
    ageKSLimit = 1.358 * ((n + m) / (n * m)).squareRoot()
    gender = Self.totalVariation(train.genderHistogram, validation.genderHistogram)
    race = Self.totalVariation(train.raceHistogram, validation.raceHistogram)
    genderByRace = Self.totalVariation(
      Array(train.genderByRace.joined()), Array(validation.genderByRace.joined()))
    ageMeanDifference = validationAge.mean - trainAge.mean
  }

  static func totalVariation(_ a: [Int], _ b: [Int]) -> Double {
    let (n, m) = (Double(a.reduce(0, +)), Double(b.reduce(0, +)))
    return zip(a, b).reduce(0) { $0 + abs(Double($1.0) / n - Double($1.1) / m) } / 2
  }

  static func kolmogorovSmirnov(_ a: [Int], _ b: [Int]) -> Double {
    let (n, m) = (Double(a.reduce(0, +)), Double(b.reduce(0, +)))
    var (sumA, sumB, largest) = (0, 0, 0.0)
    for (countA, countB) in zip(a, b) {
      sumA += countA
      sumB += countB
      largest = max(largest, abs(Double(sumA) / n - Double(sumB) / m))
    }
    return largest
  }
}
