import Faces
import Files
import Foundation
import Images
import Photographs
import Store
import Synchronization
import Terminal
import Threads

/// libjpeg-turbo alone: JPEG bytes in memory, rows decoded and dropped. The ceiling of a build.
package enum DecodeBenchmark {
  /// - Returns: images a second of all threads together.
  /// - Throws: `BuildError` where the folder has no JPEG that decodes.
  package static func run(folder: String, threads: Int, seconds: Double) throws -> Double {
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    let source = FolderSource(folder, spool: spool)
    let files = try FileList.paths(of: source, spool: spool).files
    let reader = FileContents()
    var images: [[UInt8]] = []
    // An even sample of at most 2,000 files: in memory, so that reading is not measured.
    for index in stride(from: 0, to: files.count, by: max(1, files.count / 2000)) {
      guard
        let bytes = try? reader.read(source.prefix + (try files.pathBytes(at: index)), name: ""),
        (try? ImageDecoder().decodeOnly(bytes, name: "")) != nil
      else { continue }
      images.append(Array(bytes))
    }
    guard !images.isEmpty else {
      throw BuildError(.input, "\(folder) holds no JPEG file that can be decoded")
    }
    let all = images
    let line = TimedProgress("decode", seconds: seconds, unit: "images")
    return try ThroughputClock.run(threads: threads, seconds: seconds, line) { thread in
      let decoder = ImageDecoder()
      var next = thread
      return {
        all[next % all.count].withUnsafeBytes { _ = try? decoder.decodeOnly($0, name: "") }
        next += threads
        return 1
      }
    }
  }
}

/// Random single samples from the memory-mapped shards of a store, pixels decoded.
package enum AccessBenchmark {
  package static func run(
    store path: String, threads: Int, seconds: Double
  ) throws -> (samplesPerSecond: Double, bytesPerSecond: Double) {
    let store = try StoreReader(path: path)
    guard let split = store.splits.max(by: { $0.sampleCount < $1.sampleCount }),
      split.sampleCount > 0
    else { throw BuildError(.input, "\(path) holds no samples") }
    let count = store.layout.sampleByteCount
    let failure = Mutex<StoreError?>(nil)
    let line = TimedProgress("access", seconds: seconds, unit: "samples")
    let rate = try ThroughputClock.run(threads: threads, seconds: seconds, line) { thread in
      let decoder = SampleDecoder(layout: store.layout)
      nonisolated(unsafe) let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
      var state = UInt64(thread) &* 0x9e37_79b9_7f4a_7c15 | 1
      return {
        // 32 samples between two looks at the clock. Marsaglia's xorshift64 is random enough here.
        for _ in 0..<32 {
          state ^= state &<< 13
          state ^= state &>> 7
          state ^= state &<< 17
          let sample = Int(state.multipliedFullWidth(by: UInt64(split.sampleCount)).high)
          do {
            try split.decode(sample: sample, into: pixels, decoder: decoder)
          } catch {
            failure.withLock { $0 = error as? StoreError }
          }
        }
        return 32
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return (rate, rate * Double(count))
  }
}

/// Runs the same work on several threads for a while.
private enum ThroughputClock {
  /// - Parameter makeWork: called on each thread; its result does some work and says how much.
  /// - Returns: work a second of all threads together.
  static func run(
    threads: Int, seconds: Double, _ line: TimedProgress,
    _ makeWork: @escaping @Sendable (Int) -> () -> Int
  ) throws(ThreadError) -> Double {
    let total = Mutex(0.0)
    let workers = try NamedThread.team(of: threads, name: "bench") { number in
      let work = makeWork(number)
      _ = work()
      let start = ContinuousClock.now
      var done = 0
      var elapsed = 0.0
      repeat {
        let count = work()
        done += count
        line.add(count)
        let time = start.duration(to: .now).components
        elapsed = Double(time.seconds) + Double(time.attoseconds) * 1e-18
      } while elapsed < seconds
      total.withLock { $0 += Double(done) / elapsed }
    }
    for worker in workers { worker.join() }
    line.finish()
    return total.withLock { $0 }
  }
}
