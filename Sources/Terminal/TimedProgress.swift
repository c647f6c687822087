import Synchronization

/// A progress line of a measurement that runs for a known time: rate so far, and the time left.
///
/// ```swift
/// let progress = TimedProgress("loader", seconds: 5, unit: "samples")
/// progress.add(64)                    // from any thread; starts the clock
/// progress.finish()
/// ```
package final class TimedProgress: Sendable {
  private let label: String
  private let seconds: Double
  private let unit: String
  private let line: ProgressLine
  private let state = Mutex<(done: Int, start: ContinuousClock.Instant)?>(nil)

  package init(_ label: String, seconds: Double, unit: String) {
    self.label = label
    self.seconds = seconds
    self.unit = unit
    line = ProgressLine(label, total: nil, unit: unit)
  }

  package func add(_ count: Int) {
    guard line.isEnabled else { return }
    let now = ContinuousClock.now
    let (done, start) = state.withLock { state in
      let (done, start) = state ?? (0, now)
      state = (done + count, start)
      return (done + count, start)
    }
    line.update {
      Self.line(label, done: done, after: (now - start) / .seconds(1), of: seconds, unit)
    }
  }

  package func finish() { line.finish() }

  /// What the line says after some of the seconds that the measurement takes.
  package static func line(
    _ label: String, done: Int, after elapsed: Double, of seconds: Double, _ unit: String
  ) -> FittedLine {
    let share = seconds > 0 ? min(1, elapsed / seconds) : 1
    // The first of the work comes before the clock has moved.
    let rate = elapsed > 0.05 ? rateText(Double(done) / elapsed) : "–"
    return FittedLine(
      parts: [
        [label], [bar(share, width: 20).padded(to: 20), bar(share, width: 10).padded(to: 10), ""],
        [percent(share, decimals: 0).leftPadded(to: 5)], ["\(rate) \(unit)/s", "\(rate)/s", ""],
        ["ETA \(clockText(seconds: max(0, seconds - elapsed)))"],
      ],
      shortening: [3, 1, 1, 3])
  }
}
