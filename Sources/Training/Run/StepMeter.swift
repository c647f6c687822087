import Loader

/// Measures one epoch: images a second, waiting, and losses smoothed for the eye.
struct StepMeter {
  private(set) var recentLosses: [Double] = []
  private var images = 0
  private var start = ContinuousClock.now
  private var waitBefore = 0.0

  /// Starts the clock.
  mutating func begin(_ statistics: LoaderStatistics) {
    images = 0
    start = .now
    waitBefore = statistics.waitSeconds
  }

  mutating func add(images count: Int, losses: [Float]) {
    images += count
    recentLosses =
      recentLosses.isEmpty
      ? losses.map { $0.isNaN ? 0 : Double($0) }
      : zip(recentLosses, losses).map { $1.isNaN ? $0 : $0 + 0.1 * (Double($1) - $0) }
  }

  /// Share of the time since `begin` that was spent waiting for batches.
  func wait(_ statistics: LoaderStatistics) -> Double {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return seconds > 0 ? (statistics.waitSeconds - waitBefore) / seconds : 0
  }

  func end(_ statistics: LoaderStatistics) -> (
    imagesPerSecond: Double, dataWait: Double, seconds: Double
  ) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return (Double(images) / max(seconds, 1e-9), wait(statistics), seconds)
  }
}
