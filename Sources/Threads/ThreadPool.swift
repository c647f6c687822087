import CSystem
import Synchronization

/// A fixed team of threads that runs short parallel loops, the caller among them.
///
/// ```swift
/// let pool = ThreadPool(threadCount: 2)
/// pool.forEach(count: tiles) { tile, worker in
///   compute(tile, scratch: scratch[worker])
/// }
/// ```
///
/// Made for some hundred loops of 0.1 to 1 ms in a row: between them a worker spins for some
/// microseconds, then sleeps, so that other threads on the same cores are not starved. Each worker
/// begins with its own share of consecutive tasks, the same share in every loop of that length, so
/// that its cache holds what it needs; then it helps others from the ends of theirs. The caller
/// never waits for a worker that has not begun a task: one that the system keeps from running costs
/// parallelism, not time. Results must not depend on which worker ran which task: let each task
/// write its own outputs, in an order of its own.
package final class ThreadPool: Sendable {
  /// How many threads run a loop, the caller included.
  package let threadCount: Int

  private let team: Team
  private let threads: [NamedThread]

  /// Starts `threadCount - 1` threads; with 1, loops run in the caller alone.
  package init(threadCount: Int, name: String = "pool") {
    precondition(threadCount >= 1, "a pool has at least one thread, not \(threadCount)")
    self.threadCount = threadCount
    let team = Team(threadCount: threadCount)
    self.team = team
    // The tasks of a worker that the system refuses are taken by the others, the caller at last.
    threads =
      (try? NamedThread.team(of: threadCount - 1, name: name) { team.serve(worker: $0 + 1) }) ?? []
  }

  deinit {
    team.stop()
    for thread in threads { thread.join() }
  }

  /// Runs `body(task, worker)` once for every task in `0..<count`, and returns when all have ended.
  ///
  /// `worker` is in `0..<threadCount`, and no two tasks run at the same time with the same one: it
  /// chooses scratch memory. The caller is worker 0. Loops do not nest, and a pool has one caller
  /// at a time.
  package func forEach(count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    if threads.isEmpty || count <= 1 {
      for task in 0..<max(count, 0) { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { team.run(count: count, $0) }
  }
}

/// What the threads of a pool share.
///
/// Every worker has a share: a word with the loop's number, and the first and the end of the tasks
/// that no one has taken. A task is taken by exchanging the word for one with a task less, at the
/// front by its owner, at the end by others; that this succeeds proves that the loop is still
/// running, and so that `body` is its own.
private final class Team: Sendable {
  typealias Body = (Int, Int) -> Void

  private let shares: [Share]
  private let loop = Atomic<UInt64>(0)
  private let count = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  private let body = Atomic<UInt>(0)
  private let stopped = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let bell = Monitor(())

  /// About 50 µs: longer than the gap between two loops of a step, shorter than a time slice.
  private static let spinLimit = 1_000

  init(threadCount: Int) {
    shares = (0..<threadCount).map { _ in Share() }
  }

  func run(count: Int, _ body: @escaping Body) {
    precondition(count <= Share.taskLimit, "a loop has at most \(Share.taskLimit) tasks")
    withUnsafePointer(to: body) { pointer in
      // Nobody holds a task of the loop before, so these are free to change.
      finished.store(0, ordering: .relaxed)
      self.count.store(count, ordering: .relaxed)
      self.body.store(UInt(bitPattern: pointer), ordering: .relaxed)
      let number = loop.load(ordering: .relaxed) &+ 1
      for (worker, share) in shares.enumerated() {
        share.open(
          loop: number, first: count * worker / shares.count,
          end: count * (worker + 1) / shares.count)
      }
      loop.store(number, ordering: .sequentiallyConsistent)
      wakeSleepers()

      work(worker: 0)
      wait { self.finished.load(ordering: .acquiring) == count }
    }
  }

  func stop() {
    stopped.store(true, ordering: .sequentiallyConsistent)
    wakeSleepers()
  }

  func serve(worker: Int) {
    var seen: UInt64 = 0
    while true {
      wait {
        self.loop.load(ordering: .acquiring) != seen || self.stopped.load(ordering: .acquiring)
      }
      if stopped.load(ordering: .acquiring) { return }
      seen = loop.load(ordering: .acquiring)
      work(worker: worker)
    }
  }

  /// Takes tasks until none is left, first of the worker's own share, then of the others'.
  private func work(worker: Int) {
    // Counted at the end: the loop cannot end before, and the line of `finished` passes between cores
    // once a worker instead of once a task.
    var ended = 0
    for offset in shares.indices {
      let share = shares[(worker + offset) % shares.count]
      while let task = share.take(fromFront: offset == 0) {
        let address = body.load(ordering: .relaxed)
        // SAFETY: having taken a task proves that the loop runs, and `run` keeps its closure until
        // all tasks have been counted in `finished`.
        if let pointer = UnsafePointer<Body>(bitPattern: address) { pointer.pointee(task, worker) }
        ended += 1
      }
    }
    if ended == 0 { return }
    // Read while the loop still runs.
    let total = count.load(ordering: .relaxed)
    let done = finished.add(ended, ordering: .sequentiallyConsistent).newValue
    // Only the caller may be waiting for the last task of a loop.
    if done == total && worker != 0 { wakeSleepers() }
  }

  private func wakeSleepers() {
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 { bell.update { _ in } }
  }

  /// Spins for a while, then sleeps, until `ready` holds.
  private func wait(until ready: () -> Bool) {
    for _ in 0..<Team.spinLimit {
      if ready() { return }
      system_spin_hint()
    }
    // Announced before the condition is asked again under the lock; whoever makes it true looks at
    // `sleepers` afterward. So either the condition is seen, or the sleeper is.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    bell.wait(until: { _ in ready() }, then: { _ in })
    sleepers.subtract(1, ordering: .relaxed)
  }
}

/// The tasks of one worker that no one has taken.
private final class Share: Sendable {
  /// Two lines of cache before the word: another share's word, in the object before, is in neither of
  /// those that its owner writes.
  private let distance: InlineArray<16, UInt64> = .init(repeating: 0)
  /// The loop's number in the upper 16 bits, then first and end in 24 bits each.
  private let word = Atomic<UInt64>(0)

  static let taskLimit = (1 << 24) - 1
  private static let mask: UInt64 = (1 << 24) - 1

  /// - Precondition: no task of the loop before is left.
  func open(loop: UInt64, first: Int, end: Int) {
    word.store(loop << 48 | UInt64(first) << 24 | UInt64(end), ordering: .releasing)
  }

  /// Takes a task, or returns nil where none is left.
  func take(fromFront: Bool) -> Int? {
    var current = word.load(ordering: .acquiring)
    while true {
      let first = current >> 24 & Share.mask
      let end = current & Share.mask
      if first >= end { return nil }
      let rest = fromFront ? current + (1 << 24) : current - 1
      let (taken, seen) = word.weakCompareExchange(
        expected: current, desired: rest, ordering: .acquiringAndReleasing)
      if taken { return Int(fromFront ? first : end - 1) }
      current = seen
    }
  }
}
