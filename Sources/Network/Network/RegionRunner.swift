import Kernels
import Threads

/// Runs parallel regions on a pool: all tasks of one or several loops that do not depend on each
/// other.
final class RegionRunner {
  let pool: ThreadPool
  private let workers: [TileWorker]
  /// Worker-seconds per phase; nil where nothing is measured.
  private var booked: [PhaseClock]?
  /// Runs the loops in turn and takes their times; nil where nothing is measured.
  var recorder: RegionRecorder?

  /// - Parameters:
  ///   - addressCapacity: the most operands that one task adds up in a call.
  ///   - productCapacity: floats that a minimal filter's products take.
  ///   - pairCapacity: elements of the largest matrix that products in bfloat16 sum over.
  init(
    pool: ThreadPool, addressCapacity: Int, productCapacity: Int, pairCapacity: Int
  ) throws {
    self.pool = pool
    workers = try (0..<pool.threadCount).map { _ in
      try TileWorker(
        addressCapacity: addressCapacity, productCapacity: productCapacity,
        pairCapacity: pairCapacity)
    }
  }

  /// Runs all tasks of all loops, in no particular order, and returns when they have ended.
  func run(_ works: any TileWork...) { run(works) }

  func run(_ works: [any TileWork]) {
    if let recorder {
      recorder.run(works, on: pool, workers: workers)
      return
    }
    var ends: [Int] = []
    var total = 0
    for work in works {
      total += work.taskCount
      ends.append(total)
    }
    pool.forEach(count: total) { task, worker in
      var index = 0
      while task >= ends[index] { index += 1 }
      let first = index == 0 ? 0 : ends[index - 1]
      let work = works[index]
      guard let booked else {
        work.run(task: task - first, on: workers[worker])
        return
      }
      let start = monotonicSeconds()
      work.run(task: task - first, on: workers[worker])
      booked[worker].add(monotonicSeconds() - start, to: work.phase)
    }
  }

  /// Runs an independent loop that does not work on tiles.
  func forEach(count: Int, phase: StepPhase, _ body: (_ task: Int, _ worker: Int) -> Void) {
    pool.forEach(count: count) { task, worker in
      let start = booked == nil ? 0 : monotonicSeconds()
      body(task, worker)
      if let booked { booked[worker].add(monotonicSeconds() - start, to: phase) }
    }
  }

  /// Begins to book the time of every task.
  func startBooking() { booked = (0..<pool.threadCount).map { _ in PhaseClock() } }

  /// Ends booking, and returns worker-seconds by phase.
  func stopBooking() -> [StepPhase: Double] {
    var sums: [StepPhase: Double] = [:]
    for clock in booked ?? [] {
      for (phase, seconds) in clock.seconds { sums[phase, default: 0] += seconds }
    }
    booked = nil
    return sums
  }
}

/// One worker's times; only that worker touches it during a region.
private final class PhaseClock {
  private(set) var seconds: [StepPhase: Double] = [:]

  func add(_ time: Double, to phase: StepPhase) { seconds[phase, default: 0] += time }
}
