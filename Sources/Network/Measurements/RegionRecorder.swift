import Kernels
import Threads

/// What a loop of a region is, and how long it took.
package struct RecordedWork {
  package let label: WorkLabel
  package let cost: WorkCost
  /// From the loop's begin to its end, alone on all threads of the pool.
  package var seconds: Double
  package var taskSeconds: [Double]
}

/// A parallel region, and what the calling thread did alone before it.
package struct RecordedRegion {
  package var secondsBefore: Double
  package var works: [RecordedWork]
}

/// Runs the loops of regions one after another instead of together, and takes the time of each and
/// of every task.
final class RegionRecorder {
  private(set) var regions: [RecordedRegion] = []
  private var lastEnd = 0.0

  /// Begins a step; what `regions` holds is forgotten.
  func start() {
    regions = []
    lastEnd = monotonicSeconds()
  }

  /// Ends a step.
  ///
  /// - Returns: seconds since the last region.
  func stop() -> Double { monotonicSeconds() - lastEnd }

  func run(_ works: [any TileWork], on pool: ThreadPool, workers: [TileWorker]) {
    let begin = monotonicSeconds()
    var region = RecordedRegion(secondsBefore: begin - lastEnd, works: [])
    for work in works {
      var taskSeconds = [Double](repeating: 0, count: work.taskCount)
      let start = monotonicSeconds()
      taskSeconds.withUnsafeMutableBufferPointer { times in
        // Every task has a place of its own.
        nonisolated(unsafe) let out = times
        pool.forEach(count: out.count) { task, worker in
          let start = monotonicSeconds()
          work.run(task: task, on: workers[worker])
          out[task] = monotonicSeconds() - start
        }
      }
      region.works.append(
        RecordedWork(
          label: work.label, cost: work.cost, seconds: monotonicSeconds() - start,
          taskSeconds: taskSeconds))
    }
    regions.append(region)
    lastEnd = monotonicSeconds()
  }
}

/// The median of steps that were recorded, number by number: what a neighbor on the machine did to
/// one of them does not show.
struct RecordedSteps {
  private var steps: [(regions: [RecordedRegion], after: Double)] = []

  /// - Precondition: the step has the regions and tasks of those before.
  mutating func append(_ regions: [RecordedRegion], after: Double) {
    if let first = steps.first {
      precondition(
        first.regions.map { $0.works.map(\.taskSeconds.count) }
          == regions.map { $0.works.map(\.taskSeconds.count) },
        "a recorded step has other regions than the first")
    }
    steps.append((regions, after))
  }

  /// - Precondition: there is a step.
  func median() -> (regions: [RecordedRegion], after: Double) {
    var result = steps[0]
    for region in result.regions.indices {
      result.regions[region].secondsBefore = median { $0.regions[region].secondsBefore }
      for work in result.regions[region].works.indices {
        result.regions[region].works[work].seconds = median {
          $0.regions[region].works[work].seconds
        }
        for task in result.regions[region].works[work].taskSeconds.indices {
          result.regions[region].works[work].taskSeconds[task] = median {
            $0.regions[region].works[work].taskSeconds[task]
          }
        }
      }
    }
    result.after = median { $0.after }
    return result
  }

  private func median(_ value: ((regions: [RecordedRegion], after: Double)) -> Double) -> Double {
    medianOf(steps.map(value))
  }
}

/// The middle value, the larger of two.
///
/// - Precondition: there is a value.
func medianOf(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
