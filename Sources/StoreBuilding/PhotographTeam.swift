import Photographs
import Threads

/// Threads that work on photographs as a source gives them, a few at a time and in no order.
///
/// ```swift
/// let team = try PhotographTeam(threads: 4) {
///   let maker = SampleMaker(layout: layout)        // one for each thread
///   return { photographs in … }
/// }
/// _ = try source.forEachPhotograph { try team.add($0) }
/// try team.finish()
/// ```
///
/// What waits is bounded by the number of threads, so that memory does not grow with the source. The
/// first error of a worker ends the work, and the next call throws it.
final class PhotographTeam {
  private struct State {
    var waiting: [[Photograph]] = []
    var isClosed = false
    var doneCount = 0
    var failure: (any Error)?
  }

  /// Enough to make handing over cheap.
  private static let largestBatch = 32
  private static let largestBatchBytes = 1 << 20

  private let state = Monitor(State())
  private let window: Int
  private var threads: [NamedThread] = []
  private var batch: [Photograph] = []
  private var batchBytes = 0

  /// Starts the threads.
  ///
  /// - Parameter makeWorker: called once on every thread; makes what works on the photographs of
  ///   that thread.
  /// - Throws: `ThreadError` where the system gives no thread at all.
  init(
    threads: Int,
    makeWorker: @escaping @Sendable () throws -> (_ photographs: [Photograph]) throws -> Void
  ) throws {
    window = 2 * threads
    let state = state
    self.threads = try NamedThread.team(of: threads, name: "read") { _ in
      do {
        let work = try makeWorker()
        while let batch = Self.take(from: state) {
          try work(batch)
          state.update { $0.doneCount += batch.count }
        }
      } catch {
        state.update { $0.failure = $0.failure ?? error }
      }
    }
  }

  deinit { cancel() }

  private static func take(from state: Monitor<State>) -> [Photograph]? {
    state.wait(
      until: { !$0.waiting.isEmpty || $0.isClosed || $0.failure != nil },
      then: { $0.failure == nil ? $0.waiting.popLast() : nil })
  }

  /// Photographs that are done.
  var doneCount: Int { state.read { $0.doneCount } }

  /// Hands a photograph over; waits while too many of them wait already.
  ///
  /// - Throws: the first error of a worker.
  func add(_ photograph: Photograph) throws {
    batch.append(photograph)
    if case .bytes(let bytes) = photograph.content { batchBytes += bytes.count }
    if batch.count == Self.largestBatch || batchBytes > Self.largestBatchBytes { try send() }
  }

  private func send() throws {
    let batch = batch
    self.batch.removeAll(keepingCapacity: true)
    batchBytes = 0
    guard !batch.isEmpty else { return }
    try state.wait(
      until: { [window] in $0.waiting.count < window || $0.failure != nil },
      then: { state in
        if let failure = state.failure { throw failure }
        state.waiting.append(batch)
      })
  }

  /// Waits until everything is done.
  ///
  /// - Throws: the first error of a worker.
  func finish() throws {
    try send()
    stop()
    if let failure = state.read({ $0.failure }) { throw failure }
  }

  /// Waits for the photographs that workers have; those that wait are worked on too, unless there
  /// was an error.
  private func stop() {
    state.update { $0.isClosed = true }
    for thread in threads { thread.join() }
    threads = []
  }

  /// Ends the work after the photographs that are under way.
  func cancel() {
    state.update { $0.waiting.removeAll() }
    stop()
  }
}
