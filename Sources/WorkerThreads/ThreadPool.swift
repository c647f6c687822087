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
/// microseconds, then sleeps, so that other threads on the same cores are not starved. Tasks are
/// taken one at a time by whoever is free. The caller never waits for a worker that has not begun a
/// task: one that the system keeps from running costs parallelism, not time. Results must not
/// depend on which worker ran which task: let each task write its own outputs, in an order of its
/// own.
public final class ThreadPool: Sendable {
  /// How many threads run a loop, the caller included.
  public let threadCount: Int

  private let team: Team
  private let threads: [NamedThread]

  /// Starts `threadCount - 1` threads; with 1, loops run in the caller alone.
  public init(threadCount: Int, name: String = "pool") {
    precondition(threadCount >= 1, "a pool has at least one thread, not \(threadCount)")
    self.threadCount = threadCount
    let team = Team()
    self.team = team
    threads = (1..<max(threadCount, 1)).map { worker in
      NamedThread(name: "\(name)-\(worker)") { team.serve(worker: worker) }
    }
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
  public func forEach(count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    if threads.isEmpty || count <= 1 {
      for task in 0..<max(count, 0) { body(task, 0) }
      return
    }
    withoutActuallyEscaping(body) { team.run(count: count, $0) }
  }
}

/// What the threads of a pool share.
///
/// `ticket` holds the number of the loop in its upper half and how many of its tasks nobody has
/// taken in its lower half. A thread takes a task by exchanging the ticket for one less; that this
/// succeeds proves that the loop is still running, and so that `body` and `count` are its own.
private final class Team: Sendable {
  typealias Body = (Int, Int) -> Void

  private let ticket = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let body = Atomic<UInt>(0)
  private let count = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let bell = Monitor(())

  /// About 50 µs: longer than the gap between two loops of a step, shorter than a time slice.
  private static let spinLimit = 1_000

  func run(count: Int, _ body: @escaping Body) {
    precondition(count <= Int(UInt32.max), "a loop has fewer than 2^32 tasks")
    withUnsafePointer(to: body) { pointer in
      // Nobody holds a task of the loop before, so these are free to change.
      finished.store(0, ordering: .relaxed)
      self.count.store(count, ordering: .relaxed)
      self.body.store(UInt(bitPattern: pointer), ordering: .relaxed)
      let loop = (ticket.load(ordering: .relaxed) >> 32) &+ 1
      ticket.store(loop << 32 | UInt64(count), ordering: .sequentiallyConsistent)
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
    while true {
      wait {
        self.ticket.load(ordering: .acquiring) & 0xFFFF_FFFF != 0
          || self.stopped.load(ordering: .acquiring)
      }
      if stopped.load(ordering: .acquiring) { return }
      if work(worker: worker) { wakeSleepers() }
    }
  }

  /// Takes tasks until none is left; true where this ended the last one of the loop.
  @discardableResult
  private func work(worker: Int) -> Bool {
    var current = ticket.load(ordering: .acquiring)
    var done = 0
    var total = 0
    while current & 0xFFFF_FFFF != 0 {
      let (taken, seen) = ticket.weakCompareExchange(
        expected: current, desired: current - 1, ordering: .acquiringAndReleasing)
      guard taken else {
        current = seen
        continue
      }
      total = count.load(ordering: .relaxed)
      let address = body.load(ordering: .relaxed)
      // SAFETY: the exchange proved that the loop runs, and `run` keeps its closure until all tasks
      // that were taken have been counted in `finished`.
      if let pointer = UnsafePointer<Body>(bitPattern: address) {
        pointer.pointee(total - Int(current & 0xFFFF_FFFF), worker)
      }
      // Counted at once, not at the end: a thread that lost a loop here may find the next one.
      done = finished.add(1, ordering: .sequentiallyConsistent).newValue
      current = ticket.load(ordering: .acquiring)
    }
    return done == total && total > 0
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
    // `sleepers` afterwards. So either the condition is seen, or the sleeper is.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    bell.wait(until: { _ in ready() }, then: { _ in })
    sleepers.subtract(1, ordering: .relaxed)
  }
}
