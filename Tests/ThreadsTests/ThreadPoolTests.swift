import Synchronization
import Testing
import Threads

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 5]) func runsEveryTaskOnce(threads: Int) {
    let pool = ThreadPool(threadCount: threads)
    for count in [0, 1, 2, 3, 17, 1000] {
      let runs = Mutex([Int](repeating: 0, count: count))
      pool.forEach(count: count) { task, _ in runs.withLock { $0[task] += 1 } }
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test func givesRunningTasksDifferentWorkers() {
    let pool = ThreadPool(threadCount: 4)
    let busy = (0..<4).map { _ in Flag() }
    let clashes = Atomic<Int>(0)
    for _ in 0..<200 {
      pool.forEach(count: 16) { _, worker in
        if busy[worker].raised.exchange(true, ordering: .acquiringAndReleasing) {
          clashes.add(1, ordering: .relaxed)
        }
        busy[worker].raised.store(false, ordering: .releasing)
      }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  @Test func seesWhatTheCallerWroteBetweenLoops() {
    let pool = ThreadPool(threadCount: 3)
    let values = UnsafeMutableBufferPointer<Int>.allocate(capacity: 64)
    defer { values.deallocate() }
    values.initialize(repeating: 0)
    for loop in 1...5_000 {
      for i in values.indices { values[i] += 1 }
      pool.forEach(count: values.count) { i, _ in
        values[i] = values[i] == 2 * loop - 1 ? 2 * loop : -1
      }
      guard values.allSatisfy({ $0 == 2 * loop }) else {
        Issue.record("loop \(loop) read a stale value")
        return
      }
    }
  }

  private final class Flag: Sendable {
    let raised = Atomic<Bool>(false)
  }
}
