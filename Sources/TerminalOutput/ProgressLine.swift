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
public final class ProgressLine: Sendable {
  private let label: String
  private let total: Int?
  private let unit: String
  private let descriptor: CInt
  /// Whether the line is drawn at all.
  public let isEnabled: Bool
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
  public init(
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
  ///
  /// - Parameter detail: more to say at the end of the line, such as losses; asked for only when
  ///   the line is drawn.
  public func update(done: Int, detail: @autoclosure () -> String = "") {
    guard isEnabled else { return }
    let now = ContinuousClock.now
    state.withLock { state in
      guard !state.isFinished else { return }
      if let last = state.lastDrawn, now - last < Self.interval { return }
      state.lastDrawn = now
      state.rate.add(done: done, at: now)
      let text = Self.text(
        label: label, done: done, total: total, unit: unit, perSecond: state.rate.perSecond,
        detail: detail(), columns: terminalColumns(descriptor))
      write("\r\(text)\u{1B}[K")
      state.isShown = true
    }
  }

  /// Prints a line of its own above the progress line, also where that is not drawn.
  public func note(_ line: String) {
    state.withLock { state in
      write((state.isShown ? "\r\u{1B}[K" : "") + line + "\n")
      state.isShown = false
      state.lastDrawn = nil
    }
  }

  /// Erases the line; later updates draw nothing.
  public func finish() {
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
        // A terminal that went away is no reason to stop a job.
        guard count > 0 else { return }
        rest = .init(rebasing: rest[count...])
      }
    }
  }

  /// The text of the line, at most `columns` - 1 characters.
  public static func text(
    label: String, done: Int, total: Int?, unit: String, perSecond: Double?, detail: String,
    columns: Int
  ) -> String {
    var parts = [label]
    if let total, total > 0 {
      let share = Double(done) / Double(total)
      parts.append(bar(share, width: 12).padded(to: 12) + percent(share).leftPadded(to: 8))
      parts.append("\(grouped(done))/\(grouped(total))")
    } else {
      parts.append("\(grouped(done)) \(unit)")
    }
    if let perSecond {
      parts.append("\(rateText(perSecond)) \(unit)/s")
      if let total, perSecond > 0, done <= total {
        parts.append("ETA \(durationText(seconds: (Double(total - done) / perSecond).rounded()))")
      }
    }
    if !detail.isEmpty { parts.append(detail) }
    // One column stays free: a terminal that is full to the last one wraps the cursor.
    return String(parts.joined(separator: "  ").prefix(max(columns - 1, 1)))
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
func terminalColumns(_ descriptor: CInt) -> Int {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
  return Int(size.ws_col)
}
