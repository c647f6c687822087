import Experiment
import Kernels
import Threads

/// Measures training steps on noise: forward, losses, backward and SGD with momentum.
package enum StepBenchmark {
  /// What a measurement found.
  package struct Report: Sendable {
    /// Samples per second by the median step.
    package let imagesPerSecond: Double
    /// Samples per second by the fastest step.
    package let bestImagesPerSecond: Double
    /// Multiply-adds that the median step performed, counted as two, in GFLOP/s.
    package let gigaflops: Double
    /// What it would have performed if every convolution were a direct product without padding.
    package let directGigaflops: Double
    /// What the machine reaches in the same kernels with operands in cache, by the median of
    /// stretches between the steps, in GFLOP/s.
    package let peakGigaflops: Double
    /// What multiplies: "libxsmm (clx)".
    package let products: String
    /// Milliseconds of a step by part, summed over the threads and divided by their number; what is
    /// missing to the whole step is waiting at the ends of parallel regions.
    package let phases: [(phase: StepPhase, milliseconds: Double)]
    /// Milliseconds of the steps that were measured by part, on average.
    package let stepMilliseconds: Double

    package var shareOfPeak: Double { gigaflops / peakGigaflops }
  }

  /// Runs the article's three tasks for about `seconds`, after five steps to warm up.
  ///
  /// - Parameter progress: told of the images of every step that counts.
  package static func run(
    _ shape: StepShape, threads: Int, seconds: Double, progress: (Int) -> Void = { _ in }
  ) throws -> Report {
    let pool = ThreadPool(threadCount: threads)
    let operands = shape.precision.operands
    let peak = try PeakMeasurement(pool: pool, operands: operands)
    let step = try MeasuredStep(shape, pool: pool)
    let net = step.net
    for _ in 0..<5 { try step.run() }

    // The peak is taken between the steps: the clock of a processor changes with its load and with
    // its neighbors', and a share is one of the same moments.
    var times: [Double] = []
    var peaks: [Double] = []
    let end = monotonicSeconds() + seconds * 0.75
    repeat {
      times.append(try step.seconds())
      peaks.append(peak.gigaflops())
      progress(shape.batch)
    } while monotonicSeconds() < end
    times.sort()
    peaks.sort()
    let median = times[times.count / 2]

    net.runner.startBooking()
    let start = monotonicSeconds()
    var count = 0.0
    repeat {
      try step.run()
      count += 1
      progress(shape.batch)
    } while monotonicSeconds() < end + seconds * 0.25
    let booked = (monotonicSeconds() - start) / count
    let workerSeconds = net.runner.stopBooking()
    var milliseconds: [(phase: StepPhase, milliseconds: Double)] = []
    for phase in StepPhase.allCases {
      milliseconds.append((phase, (workerSeconds[phase] ?? 0) / count / Double(threads) * 1e3))
    }

    return Report(
      imagesPerSecond: Double(shape.batch) / median,
      bestImagesPerSecond: Double(shape.batch) / times[0],
      gigaflops: net.stepFlops(.performed) * Double(shape.batch) / median * 1e-9,
      directGigaflops: net.stepFlops(.direct) * Double(shape.batch) / median * 1e-9,
      peakGigaflops: peaks[peaks.count / 2],
      products: BatchReduceKernel.provider(of: operands)?.name ?? "",
      phases: milliseconds, stepMilliseconds: booked * 1e3)
  }
}

extension HydraNet {
  /// Floating-point operations of one sample's training step in GEMMs, a multiply-add counted as
  /// two: forward, input gradients (not the first convolution's), weight gradients.
  package func stepFlops(_ count: OperationCount) -> Double {
    let rest =
      trunk.convolutions.reduce(0) { $0 + $1.multiplyAdds(count) }
      + heads.reduce(0) { $0 + $1.multiplyAdds } + (attention?.multiplyAdds(count) ?? 0)
    return 2 * Double(2 * trunk.stem.multiplyAdds + 3 * rest)
  }
}
