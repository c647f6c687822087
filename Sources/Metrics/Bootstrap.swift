import Experiment

/// How much a figure would vary with other samples: the percentile bootstrap (Efron 1979).
///
/// What is drawn depends on the stream's number alone, so the same samples give the same intervals.
package enum Bootstrap {
  package static let resamples = 1000
  private static let seed: UInt64 = 0x6272_6f6f_7473_7472

  /// The 95 % interval of each of several figures.
  ///
  /// - Parameters:
  ///   - count: samples, at least 1.
  ///   - stream: which draws.
  ///   - figures: the figures of some samples, which may repeat; nil for one that they do not have.
  /// - Returns: nil for a figure that fewer than half of the resamples have.
  package static func intervals(
    count: Int, stream: UInt64, figures: ([Int]) -> [Double?]
  ) -> [ClosedRange<Double>?] {
    var random = CounterRandom(seed: seed, stream: stream)
    var values: [[Double]] = []
    var samples = [Int](repeating: 0, count: count)
    for _ in 0..<resamples {
      for place in samples.indices {
        samples[place] = Int(random.next().multipliedFullWidth(by: UInt64(count)).high)
      }
      let drawn = figures(samples)
      if values.isEmpty { values = drawn.map { _ in [] } }
      for (place, value) in drawn.enumerated() {
        if let value, value.isFinite { values[place].append(value) }
      }
    }
    return values.map { values in
      guard values.count * 2 >= resamples else { return nil }
      let sorted = values.sorted()
      return percentile(sorted, 0.025)...percentile(sorted, 0.975)
    }
  }

  /// With linear interpolation, as NumPy's default.
  package static func percentile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
