import Threads

/// A step's regions scheduled on paper: from every task's time alone on one thread, how long a step
/// takes on any number of threads, and where it loses.
///
///     region = time before it on one thread
///            + the later of its last task's end and its bytes over the bandwidth
///            + the cost of a region's end
package struct ThreadPlan: Sendable {
  /// A parallel region, measured on one thread.
  package struct Region: Sendable {
    package let name: String
    /// Seconds that the calling thread works alone before it.
    package let secondsBefore: Double
    /// Seconds of every task, in the pool's order.
    package let tasks: [Double]
    package let bytes: Int

    package init(name: String, secondsBefore: Double, tasks: [Double], bytes: Int) {
      self.name = name
      self.secondsBefore = secondsBefore
      self.tasks = tasks
      self.bytes = bytes
    }

    /// On one thread.
    package var seconds: Double { secondsBefore + tasks.reduce(0, +) }
  }

  /// What the machine is supposed to do.
  package struct Machine: Sendable {
    /// Bytes a second that memory gives each thread, until all have `bandwidthLimit`.
    package let threadBandwidth: Double
    package let bandwidthLimit: Double
    /// Seconds that a region without work takes on `measuredThreads`.
    package let regionSeconds: Double
    package let measuredThreads: Int

    package init(
      threadBandwidth: Double, bandwidthLimit: Double, regionSeconds: Double, measuredThreads: Int
    ) {
      self.threadBandwidth = threadBandwidth
      self.bandwidthLimit = bandwidthLimit
      self.regionSeconds = regionSeconds
      self.measuredThreads = measuredThreads
    }

    /// A line of cache on its way from one core to another: from 40 ns under one third-level cache
    /// to 150 ns across a server's mesh.
    private static let lineSeconds = 100e-9

    package func bandwidth(threadCount: Int) -> Double {
      min(Double(threadCount) * threadBandwidth, bandwidthLimit)
    }

    /// The cost of a region's begin and end. Every thread beyond those that it was measured with
    /// fetches two lines: its share of the tasks, and the count of those that have ended.
    package func regionSeconds(threadCount: Int) -> Double {
      if threadCount == 1 { return 0 }
      return regionSeconds
        + 2 * Machine.lineSeconds * Double(max(0, threadCount - measuredThreads))
    }
  }

  package let regions: [Region]
  /// Seconds on the calling thread alone after the last region.
  package let secondsAfter: Double
  package let machine: Machine

  package init(regions: [Region], secondsAfter: Double, machine: Machine) {
    self.regions = regions
    self.secondsAfter = secondsAfter
    self.machine = machine
  }

  /// Of a step, on one thread.
  package var seconds: Double { regions.reduce(secondsAfter) { $0 + $1.seconds } }

  /// Why a step on several threads takes longer than its work divided by their number, in seconds.
  package struct Losses: Sendable {
    /// All threads but one wait.
    package var alone = 0.0
    /// Tasks are too few or too unequal.
    package var tail = 0.0
    package var memory = 0.0
    /// Regions begin and end.
    package var ends = 0.0

    package var sum: Double { alone + tail + memory + ends }
  }

  package struct Prediction: Sendable {
    package let threadCount: Int
    /// Of a step.
    package let seconds: Double
    package let speedUp: Double
    package let losses: Losses
    /// By region.
    package let regionLosses: [Losses]

    package var efficiency: Double { speedUp / Double(threadCount) }
  }

  package func prediction(threadCount: Int) -> Prediction {
    var total = Losses()
    total.alone = waiting(secondsAfter, threadCount)
    let losses = regions.map { region in
      var loss = Losses()
      loss.alone = waiting(region.secondsBefore, threadCount)
      let work = region.tasks.reduce(0, +)
      let scheduled = PoolSchedule.makespan(region.tasks, threadCount: threadCount)
      loss.tail = scheduled - work / Double(threadCount)
      loss.memory = max(0, memorySeconds(region, work, threadCount) - scheduled)
      // A single task runs without the team.
      loss.ends = region.tasks.count > 1 ? machine.regionSeconds(threadCount: threadCount) : 0
      total.alone += loss.alone
      total.tail += loss.tail
      total.memory += loss.memory
      total.ends += loss.ends
      return loss
    }
    let predicted = seconds / Double(threadCount) + total.sum
    return Prediction(
      threadCount: threadCount, seconds: predicted, speedUp: seconds / predicted, losses: total,
      regionLosses: losses)
  }

  private func waiting(_ seconds: Double, _ threadCount: Int) -> Double {
    seconds * (1 - 1 / Double(threadCount))
  }

  /// The least time that a region's bytes take. No more of them came from memory than one thread had
  /// time to move; the others were in a cache.
  private func memorySeconds(_ region: Region, _ work: Double, _ threadCount: Int) -> Double {
    min(Double(region.bytes), work * machine.threadBandwidth)
      / machine.bandwidth(threadCount: threadCount)
  }
}
