import Glibc
import Synchronization

/// One line on standard error that says how far a job is: count, rate and time left.
///
/// ```swift
/// let progress = ProgressLine("decode", total: 11_841, unit: "images")
/// progress.update(done: 512)          // from any thread; drawn ten times a second at most
/// progress.finish()                   // the line is gone
/// ```
///
/// Nothing is drawn when standard error is not a terminal, so logs stay clean.
package final class ProgressLine: Sendable {
  private let label: String
  private let total: Int?
  private let unit: String
  private let descriptor: CInt
  /// Whether the line is drawn at all.
  package let isEnabled: Bool
  private let state: Mutex<State>

  private struct State {
    var isShown = false
    var isFinished = false
    var lastDrawn: ContinuousClock.Instant?
    var rate = RateEstimate()
  }

  private static let interval = Duration.milliseconds(100)

  /// - Parameters:
  ///   - total: how many there will be, where that is known.
  ///   - enabled: whether to draw; by default, whether `descriptor` is a terminal.
  ///   - descriptor: where to draw.
  package init(
    _ label: String, total: Int?, unit: String, enabled: Bool? = nil,
    descriptor: CInt = STDERR_FILENO
  ) {
    self.label = label
    self.total = total
    self.unit = unit
    self.descriptor = descriptor
    isEnabled = enabled ?? (isatty(descriptor) == 1)
    state = Mutex(State())
  }

  deinit { finish() }

  /// Says how many are done, and draws if the last time is long enough ago.
  package func update(done: Int) {
    draw(done: done) {
      Self.line(label: label, done: done, total: total, unit: unit, perSecond: $0)
    }
  }

  /// Draws a line of the caller's own, if the last time is long enough ago.
  ///
  /// - Parameter line: asked for only when it is drawn.
  package func update(_ line: () -> FittedLine) {
    draw(done: nil) { _ in line() }
  }

  private func draw(done: Int?, _ line: (_ perSecond: Double?) -> FittedLine) {
    guard isEnabled else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      guard !state.isFinished else { return }
      if let last = state.lastDrawn, now - last < Self.interval { return }
      state.lastDrawn = now
      if let done { state.rate.add(done: done, at: now) }
      let text = line(state.rate.perSecond).text(columns: terminalColumns(descriptor))
      write("\r\(visible(text))\u{1B}[K")
      state.isShown = true
    }
  }

  /// Prints a line of its own above the progress line, also where that is not drawn.
  package func note(_ line: String) {
    state.withLock { state in
      write((state.isShown ? "\r\u{1B}[K" : "") + visible(line) + "\n")
      state.isShown = false
      state.lastDrawn = nil
    }
  }

  /// Erases the line; later updates draw nothing.
  package func finish() {
    state.withLock { state in
      if state.isShown { write("\r\u{1B}[K") }
      state.isShown = false
      state.isFinished = true
    }
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        // A terminal that went away is not a reason to stop a job.
        guard count > 0 else { return }
        rest = .init(rebasing: rest[count...])
      }
    }
  }

  /// What the line says: bar, share, count, rate and time left.
  package static func line(
    label: String, done: Int, total: Int?, unit: String, perSecond: Double?
  ) -> FittedLine {
    let rate = perSecond.map { rateText($0) }
    let rates = rate.map { ["\($0) \(unit)/s", "\($0)/s", ""] } ?? [""]
    guard let total, total > 0 else {
      return FittedLine(parts: [[label], ["\(grouped(done)) \(unit)"], rates], shortening: [2, 2])
    }
    let share = Double(done) / Double(total)
    let count = "\(grouped(done).leftPadded(to: grouped(total).count))/\(grouped(total))"
    var left = ""
    if let perSecond, perSecond > 0, done <= total {
      left = "ETA \(clockText(seconds: Double(total - done) / perSecond))"
    }
    return FittedLine(
      parts: [
        [label], [bar(share, width: 20).padded(to: 20), bar(share, width: 10).padded(to: 10), ""],
        [percent(share, decimals: 0).leftPadded(to: 5)], ["\(count) \(unit)", count, ""], rates,
        [left],
      ],
      shortening: [3, 4, 1, 1, 3, 4])
  }
}

/// The rate of a job over about the last five seconds.
struct RateEstimate {
  private var last: (done: Int, time: ContinuousClock.Instant)?
  private(set) var perSecond: Double?

  mutating func add(done: Int, at time: ContinuousClock.Instant) {
    defer { last = (done, time) }
    guard let last, done >= last.done else { return }
    let seconds = (time - last.time) / .seconds(1)
    guard seconds > 0 else { return }
    let current = Double(done - last.done) / seconds
    let share = min(1, seconds / 5)
    perSecond = perSecond.map { $0 + (current - $0) * share } ?? current
  }
}

/// The width of a terminal, or 80 where it does not say.
package func terminalColumns(_ descriptor: CInt) -> Int {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
  return Int(size.ws_col)
}
