import Foundation

/// The round numbers at which an axis has its lines: steps of 1, 2 or 5 times a power of ten.
struct AxisTicks: Equatable {
  let values: [Double]
  let range: ClosedRange<Double>

  /// Covers `values` with about `count` ticks; the range is widened to the ticks around it.
  init(covering values: some Collection<Double>, count: Int = 5) {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    // A constant gets a range around it, so that its line is in the middle.
    let spread = high > low ? high - low : max(abs(high) * 0.1, 1e-6)
    let base = high > low ? low : low - spread / 2
    let step = Self.roundStep(spread / Double(max(1, count - 1)))
    let first = (base / step).rounded(.down)
    let last = ((base + spread) / step).rounded(.up)
    // Beyond 2⁵³ steps, or where a step vanishes in the numbers' precision, only the ends are shown.
    guard step.isFinite, step > 0, abs(first) < 9e15, abs(last) < 9e15, last - first <= 50 else {
      self.values = [low, high]
      range = low < high ? low...high : low - 1...low + 1
      return
    }
    self.values = (Int(first)...Int(last)).map { Double($0) * step }
    range = first * step...last * step
  }

  /// Powers of ten that cover positive `values`; nil where they span less than two decades, or
  /// where one is not positive.
  static func logarithmic(covering values: some Collection<Double>) -> AxisTicks? {
    guard let low = values.min(), let high = values.max(), low > 0, high.isFinite, high >= 100 * low
    else { return nil }
    let first = Int(log10(low).rounded(.down))
    let last = Int(log10(high).rounded(.up))
    let step = max(1, (last - first) / 5)
    return AxisTicks(
      values: stride(from: first, through: last, by: step).map { pow(10, Double($0)) },
      range: pow(10, Double(first))...pow(10, Double(last)))
  }

  /// Whole numbers for epochs: every tick is one that exists.
  static func whole(from first: Int, through last: Int, count: Int = 6) -> [Int] {
    let step = max(1, Int(roundStep(Double(max(1, last - first)) / Double(count))))
    var ticks = [first]
    var next = (first / step + 1) * step
    while next <= last {
      // The first epoch keeps its label; one too close to it goes.
      if next - first >= (step + 1) / 2 { ticks.append(next) }
      next += step
    }
    return ticks
  }

  private init(values: [Double], range: ClosedRange<Double>) {
    self.values = values
    self.range = range
  }

  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    let factor = step / power
    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10)
  }
}
