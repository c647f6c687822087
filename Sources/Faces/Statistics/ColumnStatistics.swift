import Experiment

/// Counts and figures of one column of a split.
package struct ColumnStatistics: Encodable, Equatable, Sendable {
  package let kind: String
  package let unit: String?
  /// Samples whose label is known, and the others.
  package let known: Int
  package let missing: Int
  /// Of a class: samples by class.
  package let histogram: [Int]?
  /// Of a class: names by class, where it has them.
  package let names: [String]?
  /// Of a class: see `balancing(_:)`.
  package let classWeights: [Double?]?
  /// Of a number that is known in a sample.
  package let summary: NumberSummary?
  /// Of a number: samples by bin.
  package let bins: [Bin]?

  package struct Bin: Encodable, Equatable, Sendable {
    package let from: Double
    package let to: Double
    package let count: Int
  }

  enum CodingKeys: String, CodingKey {
    case kind, unit, known, missing, histogram, names, summary, bins
    case classWeights = "class_weights"
  }

  /// - Parameter values: NaN for one that is missing.
  package init(_ column: Column, _ values: [Float]) {
    kind = column.kind.rawValue
    unit = column.unit
    missing = values.count(where: \.isNaN)
    known = values.count - missing
    guard column.kind == .class else {
      (histogram, names, classWeights) = (nil, nil, nil)
      let sorted = values.filter { !$0.isNaN }.sorted()
      summary = NumberSummary(sorted)
      bins = NumberBins(column, sorted)?.count(sorted)
      return
    }
    (summary, bins) = (nil, nil)
    names = column.classNames.isEmpty ? nil : column.classNames
    var counts = [Int](repeating: 0, count: Self.classCount(column, values))
    for value in values where !value.isNaN { counts[Int(value)] += 1 }
    histogram = counts
    classWeights = Self.balancing(counts)
  }

  /// Classes of a column: those with names, and what values are beyond.
  static func classCount(_ column: Column, _ values: [Float]) -> Int {
    let largest = values.reduce(-1) { $1.isNaN ? $0 : max($0, $1) }
    return max(column.classNames.count, Int(largest) + 1)
  }

  /// The weight of each class that makes all classes count the same in a weighted loss.
  ///
  /// The weight is n / (k·n_c) for a class of n_c of n samples, among k classes that occur: the mean
  /// over the samples is 1. A class that does not occur has none.
  package static func balancing(_ histogram: [Int]) -> [Double?] {
    let count = Double(histogram.reduce(0, +))
    let classes = Double(histogram.count { $0 > 0 })
    return histogram.map { $0 > 0 ? count / (classes * Double($0)) : nil }
  }

  /// The names of classes, or their numbers.
  package var titles: [String] {
    (histogram ?? []).indices.map { index in
      names.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? "\(index)"
    }
  }
}

/// Mean, deviation and quantiles of a number.
package struct NumberSummary: Encodable, Equatable, Sendable {
  package let mean: Double
  /// Of the population: divided by n.
  package let standardDeviation: Double
  package let minimum: Double
  package let quantile5: Double
  package let quartile1: Double
  package let median: Double
  package let quartile3: Double
  package let quantile95: Double
  package let maximum: Double

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

  /// - Parameter sorted: ascending. Nil if there are none.
  package init?(_ sorted: [Float]) {
    guard let first = sorted.first, let last = sorted.last else { return nil }
    let count = Double(sorted.count)
    let mean = sorted.reduce(0) { $0 + Double($1) } / count
    self.mean = mean
    standardDeviation =
      (sorted.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
    /// Linear interpolation between the two nearest ranks, as numpy's default.
    func quantile(_ share: Double) -> Double {
      let position = share * (count - 1)
      let low = Double(sorted[Int(position)])
      let high = Double(sorted[min(Int(position) + 1, sorted.count - 1)])
      return low + (high - low) * (position - position.rounded(.down))
    }
    minimum = Double(first)
    quantile5 = quantile(0.05)
    quartile1 = quantile(0.25)
    median = quantile(0.5)
    quartile3 = quantile(0.75)
    quantile95 = quantile(0.95)
    maximum = Double(last)
  }
}

/// Bins of equal width at round numbers; decades for ages.
struct NumberBins {
  private let start: Double
  private let width: Double
  private let count: Int

  /// - Parameter sorted: ascending. Nil where the column does not say a range and there are none.
  init?(_ column: Column, _ sorted: [Float]) {
    guard let low = column.minimum ?? sorted.first.map({ Double($0) }),
      let high = column.maximum ?? sorted.last.map({ Double($0) }), low <= high
    else { return nil }
    var width = 10.0
    if column.unit != "years" {
      // 1, 2 or 5 times a power of ten, so that there are about ten bins.
      let rough = max((high - low) / 10, 1e-30)
      var power = 1.0
      while power > rough { power /= 10 }
      while power * 10 <= rough { power *= 10 }
      width = power * ([1, 2, 5].first { $0 * power >= rough } ?? 10)
    }
    self.width = width
    start = (low / width).rounded(.down) * width
    count = min(200, Int((high - start) / width) + 1)
  }

  func count(_ values: [Float]) -> [ColumnStatistics.Bin] {
    var counts = [Int](repeating: 0, count: count)
    for value in values {
      counts[min(max(0, Int((Double(value) - start) / width)), count - 1)] += 1
    }
    return counts.enumerated().map { index, count in
      ColumnStatistics.Bin(
        from: start + Double(index) * width, to: start + Double(index + 1) * width, count: count)
    }
  }
}
