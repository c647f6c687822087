import Glibc
import Tensors
import Threads

/// What this machine reaches with the engine's own kernel and operands in cache: the bar against
/// which a training step is judged.
package final class PeakMeasurement {
  private static let side = 64
  private static let taps = 9
  /// Products of a stretch, for each thread: some milliseconds.
  private static let calls = 150

  private let pool: ThreadPool
  private let kernel: BatchReduceKernel
  private let scratch: [Operands]

  /// - Parameter operands: what is multiplied.
  /// - Throws: `BatchGEMMError` where the processor has no kernel.
  package init(pool: ThreadPool, operands: ProductShape.Operands = .float32) throws {
    self.pool = pool
    kernel = try BatchReduceKernel(
      rows: Self.side, columns: Self.side, depth: Self.side, operands: operands)
    scratch = try (0..<pool.threadCount).map { _ in
      try Operands(side: Self.side, taps: Self.taps)
    }
    // The first stretch finds operands that are in no cache.
    _ = gigaflops()
  }

  /// Measures one stretch of 64×64×64 products, nine to a sum, on all threads of the pool at once.
  ///
  /// - Returns: GFLOP/s; a multiply-add is two.
  package func gigaflops() -> Double {
    let products = Self.calls * Self.taps * pool.threadCount
    let start = monotonicSeconds()
    pool.forEach(count: pool.threadCount) { task, _ in
      scratch[task].multiply(kernel, calls: Self.calls)
    }
    let seconds = monotonicSeconds() - start
    return 2 * Double(products) * Double(Self.side * Self.side * Self.side) / seconds * 1e-9
  }

  /// One thread's matrices.
  private final class Operands {
    let matrix: Int
    let taps: Int
    let memory: AlignedBuffer
    let addresses: AddressList

    init(side: Int, taps: Int) throws {
      matrix = side * side
      self.taps = taps
      memory = try AlignedBuffer(count: (2 * taps + 1) * matrix)
      // As floats, and in the first half of each matrix's room as bfloat16 too, finite numbers.
      for i in 0..<memory.count { memory.pointer[i] = Float(i % 7) }
      addresses = AddressList(capacity: taps)
    }

    func multiply(_ kernel: BatchReduceKernel, calls: Int) {
      let base = memory.pointer
      for _ in 0..<calls {
        for tap in 0..<taps {
          addresses.append(left: base + tap * matrix, right: base + (taps + tap) * matrix)
        }
        kernel.run(addresses, out: base + 2 * taps * matrix)
      }
    }
  }
}

/// Seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
