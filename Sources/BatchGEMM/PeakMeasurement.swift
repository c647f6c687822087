import Glibc
import Tensors
import WorkerThreads

/// What this machine reaches with the engine's own kernel and operands in cache: the bar against
/// which a training step is judged.
public enum PeakMeasurement {
  /// Measures 64×64×64 products, nine to a sum, on all threads of a pool at once.
  ///
  /// - Returns: the best of several short stretches, in GFLOP/s (a multiply-add is two).
  /// - Throws: `BatchGEMMError` where the processor has no kernel.
  public static func gemmGigaflops(pool: ThreadPool, seconds: Double = 0.5) throws -> Double {
    let side = 64
    let taps = 9
    let kernel = try BatchReduceKernel(rows: side, columns: side, depth: side)
    let scratch = (0..<pool.threadCount).map { _ in Operands(side: side, taps: taps) }
    let calls = 300
    let flops = 2 * Double(side * side * side * taps * calls * pool.threadCount)
    var best = 0.0
    let end = monotonicSeconds() + seconds
    repeat {
      let start = monotonicSeconds()
      // A task per thread; where one thread takes two, the stretch is slow and not the best.
      pool.forEach(count: pool.threadCount) { _, worker in
        scratch[worker].multiply(kernel, calls: calls)
      }
      best = max(best, flops / (monotonicSeconds() - start) * 1e-9)
    } while monotonicSeconds() < end
    return best
  }

  /// One thread's matrices.
  private final class Operands {
    let matrix: Int
    let taps: Int
    let memory: AlignedBuffer
    let addresses: AddressList

    init(side: Int, taps: Int) {
      matrix = side * side
      self.taps = taps
      memory = AlignedBuffer(count: (2 * taps + 1) * matrix)
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
