import Experiment
import Kernels
import Threads

/// Measures the tasks of a step on one thread, and what a `ThreadPlan` supposes of the machine.
package enum ThreadPlanBenchmark {
  package struct Report: Sendable {
    package let plan: ThreadPlan
    /// Median seconds of a step on one thread, and on `threadCount`.
    package let aloneSeconds: Double
    package let stepSeconds: Double
    package let threadCount: Int
  }

  /// A machine is supposed to give so many times what one thread gets, unless its bandwidth is
  /// stated: a server's socket. A desktop's two channels give two to three times.
  package static let bandwidthThreads = 16

  /// Runs the article's three tasks for about `seconds`, after some steps to warm up.
  ///
  /// - Parameters:
  ///   - threads: of the step that is measured beside the prediction.
  ///   - bandwidthLimit: what the planned machine's memory gives, in 10⁹ bytes a second.
  ///   - progress: told of the images of every step that counts.
  /// - Throws: `ModelError`, `MemoryError`, `BatchGEMMError`.
  package static func run(
    _ shape: StepShape, threads: Int, seconds: Double, bandwidthLimit: Double? = nil,
    progress: (Int) -> Void = { _ in }
  ) throws -> Report {
    let pool = ThreadPool(threadCount: threads)
    let alone = ThreadPool(threadCount: 1)
    let single = try MeasuredStep(shape, pool: alone)
    let team = try MeasuredStep(shape, pool: pool)
    let memory = try BandwidthMeasurement(pool: alone)
    let bandwidth = (0..<7).map { _ in memory.gigabytesPerSecond() }.max() ?? 0
    for step in [single, team] {
      for _ in 0..<3 { try step.run() }
    }
    // In turns, so that all meet the machine's same moments. Each finds its own memory in the caches
    // only after a step of its own.
    var steps = RecordedSteps()
    var (aloneTimes, teamTimes, ends): ([Double], [Double], [Double]) = ([], [], [])
    let end = monotonicSeconds() + seconds
    repeat {
      aloneTimes.append(try single.seconds())
      let (regions, after) = try single.recorded()
      steps.append(regions, after: after)
      try team.run()
      teamTimes.append(try team.seconds())
      ends.append(regionSeconds(pool))
      progress(4 * shape.batch)
    } while monotonicSeconds() < end

    let (regions, after) = steps.median()
    let machine = ThreadPlan.Machine(
      threadBandwidth: bandwidth * 1e9,
      bandwidthLimit: (bandwidthLimit ?? Double(bandwidthThreads) * bandwidth) * 1e9,
      regionSeconds: medianOf(ends), measuredThreads: threads)
    return Report(
      plan: ThreadPlan(regions: regions.map(planned), secondsAfter: after, machine: machine),
      aloneSeconds: medianOf(aloneTimes), stepSeconds: medianOf(teamTimes), threadCount: threads)
  }

  private static func planned(_ region: RecordedRegion) -> ThreadPlan.Region {
    ThreadPlan.Region(
      name: name(region.works.map(\.label)), secondsBefore: region.secondsBefore,
      tasks: region.works.flatMap(\.taskSeconds),
      bytes: region.works.reduce(0) { $0 + $1.cost.bytes })
  }

  /// `net.layer2.0.conv2 input gradient, weight gradient`; three dots for further layers.
  private static func name(_ labels: [WorkLabel]) -> String {
    guard let first = labels.first else { return "" }
    let isOne = labels.allSatisfy { $0.layer == first.layer }
    var passes: [String] = []
    for label in labels where !passes.contains(label.pass.rawValue) {
      passes.append(label.pass.rawValue)
    }
    return "\(first.layer)\(isOne ? "" : " …") \(passes.joined(separator: ", "))"
  }

  /// Seconds of a region without work, by the median, after a pause as it lies between two regions.
  private static func regionSeconds(_ pool: ThreadPool) -> Double {
    medianOf(
      (0..<101).map { _ in
        let pause = monotonicSeconds() + 10e-6
        while monotonicSeconds() < pause {}
        let start = monotonicSeconds()
        pool.forEach(count: pool.threadCount) { _, _ in }
        return monotonicSeconds() - start
      })
  }
}
