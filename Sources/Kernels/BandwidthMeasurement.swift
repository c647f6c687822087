import Glibc
import Tensors
import Threads

/// What the memory of this machine gives: a streaming triad, a = b + s·c (McCalpin, "Memory Bandwidth
/// and Machine Balance", 1995), over more memory than the caches hold, on all threads of a pool.
package final class BandwidthMeasurement {
  private typealias Lanes = SIMD16<Float>

  private let pool: ThreadPool
  /// a, b and c, one after another.
  private let memory: AlignedBuffer
  private let count: Int

  /// - Throws: `MemoryError`.
  package init(pool: ThreadPool) throws {
    self.pool = pool
    let cache = max(sysconf(CInt(_SC_LEVEL3_CACHE_SIZE)), sysconf(CInt(_SC_LEVEL2_CACHE_SIZE)))
    // An array is as large as the largest cache: while it streams by, nothing of the last pass stays.
    let bytes = min(max(cache, 64 << 20), 1 << 29)
    let count = bytes / MemoryLayout<Lanes>.stride * Lanes.scalarCount
    self.count = count
    memory = try AlignedBuffer(count: 3 * count)
    // Memory belongs to the node whose thread writes it first: that which then works on it.
    let base = memory.pointer
    forEachPart { range in
      for i in range {
        base[count + i] = 1
        base[2 * count + i] = 2
      }
    }
    // Pages are given at the first touch, which is no pass over memory.
    _ = gigabytesPerSecond()
  }

  /// Measures one pass. The best of several is what the memory gives: whatever else uses it only takes
  /// away.
  ///
  /// - Returns: 10⁹ bytes a second, read and written; that a cache reads what it is about to
  ///   overwrite is not counted.
  package func gigabytesPerSecond() -> Double {
    let base = memory.pointer
    let (b, c) = (base + count, base + 2 * count)
    let start = monotonicSeconds()
    forEachPart { range in
      let factor = Lanes(repeating: 3)
      // SAFETY: parts are multiples of 16 floats and stay below `count`.
      for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
        let value = UnsafeRawPointer(b + i).load(as: Lanes.self)
          .addingProduct(UnsafeRawPointer(c + i).load(as: Lanes.self), factor)
        UnsafeMutableRawPointer(base + i).storeBytes(of: value, as: Lanes.self)
      }
    }
    let seconds = monotonicSeconds() - start
    return Double(3 * count * MemoryLayout<Float>.stride) / seconds * 1e-9
  }

  /// A part for every thread.
  private func forEachPart(_ body: (Range<Int>) -> Void) {
    let lanes = count / Lanes.scalarCount
    let parts = pool.threadCount
    pool.forEach(count: parts) { part, _ in
      body(
        lanes * part / parts * Lanes.scalarCount..<lanes * (part + 1) / parts * Lanes.scalarCount)
    }
  }
}
