import Experiment
import Kernels
import Threads

/// Measures every layer's passes alone: the loops of a step's regions run one after another.
package enum LayerBenchmark {
  /// What a layer costs in a pass.
  package struct Row: Sendable {
    package let label: WorkLabel
    package let cost: WorkCost
    package let seconds: Double
  }

  package struct Report: Sendable {
    /// In the order in which a step comes to them first.
    package let rows: [Row]
    /// What the calling thread does alone between the regions.
    package let secondsBetween: Double
    /// A step whose regions run as they do in training, by the median.
    package let stepSeconds: Double
    /// What the machine reaches in products with operands in cache, in GFLOP/s.
    package let peakGigaflops: Double
    /// What its memory gives, in GB/s.
    package let bandwidth: Double
  }

  /// Runs the article's three tasks for about `seconds`, after some steps to warm up.
  ///
  /// - Parameter progress: told of the images of every step that counts.
  /// - Throws: `ModelError`, `MemoryError`, `BatchGEMMError`.
  package static func run(
    _ shape: StepShape, threads: Int, seconds: Double, progress: (Int) -> Void = { _ in }
  ) throws -> Report {
    let pool = ThreadPool(threadCount: threads)
    let peak = try PeakMeasurement(pool: pool, operands: shape.precision.operands)
    let step = try MeasuredStep(shape, pool: pool)
    let memory = try BandwidthMeasurement(pool: pool)
    for _ in 0..<3 { try step.run() }
    // In turns, so that all meet the machine's same moments.
    var steps = RecordedSteps()
    var times: [Double] = []
    var peaks: [Double] = []
    var bandwidths: [Double] = []
    let end = monotonicSeconds() + seconds
    repeat {
      times.append(try step.seconds())
      // It finds in cache what a step leaves there, as in training.
      let (regions, after) = try step.recorded()
      steps.append(regions, after: after)
      peaks.append(peak.gigaflops())
      bandwidths.append(memory.gigabytesPerSecond())
      // What the triad has put into the caches is no step's.
      try step.run()
      progress(3 * shape.batch)
    } while monotonicSeconds() < end
    let (regions, after) = steps.median()
    return Report(
      rows: rows(regions),
      secondsBetween: regions.reduce(after) { $0 + $1.secondsBefore },
      stepSeconds: medianOf(times), peakGigaflops: medianOf(peaks),
      bandwidth: bandwidths.max() ?? 0)
  }

  /// What belongs to the same layer and pass, added up.
  private static func rows(_ regions: [RecordedRegion]) -> [Row] {
    var rows: [Row] = []
    var places: [WorkLabel: Int] = [:]
    for work in regions.flatMap(\.works) {
      if let place = places[work.label] {
        rows[place] = Row(
          label: work.label, cost: rows[place].cost + work.cost,
          seconds: rows[place].seconds + work.seconds)
      } else {
        places[work.label] = rows.count
        rows.append(Row(label: work.label, cost: work.cost, seconds: work.seconds))
      }
    }
    return rows
  }
}
