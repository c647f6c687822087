import Network
import Terminal

/// What a training step is predicted to take on other numbers of threads, and where it loses.
package struct ThreadPlanTable: Encodable, Sendable {
  package struct Row: Encodable, Sendable {
    package var threads: Int
    package var milliseconds: Double
    package var speedUp: Double
    package var efficiency: Double
    /// Shares of the step's time that are lost, by cause.
    package var alone: Double
    package var tail: Double
    package var memory: Double
    package var ends: Double
    /// 10⁹ bytes a second that memory is supposed to give.
    package var bandwidth: Double
    /// Median of a step on so many threads of this machine; nil where it was not measured.
    package var measuredMilliseconds: Double?

    enum CodingKeys: String, CodingKey {
      case threads, milliseconds, efficiency
      case speedUp = "speed_up"
      case alone = "lost_on_one_thread"
      case tail = "lost_in_tails"
      case memory = "lost_to_memory"
      case ends = "lost_at_ends"
      case bandwidth = "bandwidth_gbytes"
      case measuredMilliseconds = "measured_milliseconds"
    }
  }
  package struct Region: Encodable, Sendable {
    package var name: String
    package var tasks: Int
    /// Of its tasks on one thread, and of the calling thread alone before them.
    package var milliseconds: Double
    package var millisecondsBefore: Double
    package var megabytes: Double
    /// By row, the share of the step's time that the region loses.
    package var lost: [Double]

    enum CodingKeys: String, CodingKey {
      case name, tasks, milliseconds, megabytes, lost
      case millisecondsBefore = "milliseconds_before"
    }
  }

  package var rows: [Row]
  /// In the order of a step.
  package var regions: [Region]
  /// 10⁹ bytes a second that one thread gets here.
  package var threadBandwidth: Double
  /// Of a region without work on the threads that the step was measured with.
  package var regionMicroseconds: Double

  enum CodingKeys: String, CodingKey {
    case regions
    case rows = "predictions"
    case threadBandwidth = "thread_bandwidth_gbytes"
    case regionMicroseconds = "region_end_microseconds"
  }

  /// - Parameter threadCounts: what is predicted beside one thread and those of the measured step.
  package init(_ report: ThreadPlanBenchmark.Report, threadCounts: [Int]) {
    let plan = report.plan
    let predictions = Set(threadCounts + [1, report.threadCount]).sorted()
      .map { plan.prediction(threadCount: $0) }
    rows = predictions.map { prediction in
      let seconds = prediction.seconds
      let measured: [Int: Double] = [
        1: report.aloneSeconds, report.threadCount: report.stepSeconds,
      ].reduce(into: [:]) { $0[$1.key] = $1.value }
      return Row(
        threads: prediction.threadCount, milliseconds: seconds * 1e3, speedUp: prediction.speedUp,
        efficiency: prediction.efficiency, alone: prediction.losses.alone / seconds,
        tail: prediction.losses.tail / seconds, memory: prediction.losses.memory / seconds,
        ends: prediction.losses.ends / seconds,
        bandwidth: plan.machine.bandwidth(threadCount: prediction.threadCount) * 1e-9,
        measuredMilliseconds: measured[prediction.threadCount].map { $0 * 1e3 })
    }
    regions = plan.regions.enumerated().map { index, region in
      Region(
        name: region.name, tasks: region.tasks.count,
        milliseconds: region.tasks.reduce(0, +) * 1e3,
        millisecondsBefore: region.secondsBefore * 1e3, megabytes: Double(region.bytes) * 1e-6,
        lost: predictions.map { $0.regionLosses[index].sum / $0.seconds })
    }
    threadBandwidth = plan.machine.threadBandwidth * 1e-9
    regionMicroseconds = plan.machine.regionSeconds * 1e6
  }
}

extension ThreadPlanTable {
  /// Regions that are listed.
  private static let listed = 16

  /// For a person: the predictions, then the regions that lose most.
  package func lines(columns: Int = .max) -> [String] {
    [
      "plan    memory gives one thread \(fixed(threadBandwidth, 1)) GB/s; a region's end takes "
        + "\(fixed(regionMicroseconds, 1)) µs; \(regions.count) regions",
      "",
    ] + predictionTable.lines(columns: columns) + [
      "", "The regions that lose most, in percent of the step's time at so many threads:", "",
    ] + regionTable.lines(columns: columns)
  }

  private var predictionTable: TextTable {
    var table = TextTable(
      header: [
        "threads", "ms", "speed-up", "efficiency", "one thread", "tails", "memory", "ends", "GB/s",
        "measured ms",
      ],
      alignment: [
        .right, .right, .right, .right, .right, .right, .right, .right, .right, .left,
      ])
    for row in rows {
      let measured = row.measuredMilliseconds.map { measured in
        let deviation = row.milliseconds / measured - 1
        return "\(fixed(measured, 2)) (predicted \(deviation < 0 ? "" : "+")\(percent(deviation)))"
      }
      table.append([
        "\(row.threads)", fixed(row.milliseconds, 2), fixed(row.speedUp, 2),
        percent(row.efficiency), percent(row.alone), percent(row.tail), percent(row.memory),
        percent(row.ends), fixed(row.bandwidth, 0), measured ?? "",
      ])
    }
    return table
  }

  private var regionTable: TextTable {
    let several = rows.indices.filter { rows[$0].threads > 1 }
    var table = TextTable(
      header: ["region", "tasks", "ms", "before"] + several.map { "\(rows[$0].threads)" },
      alignment: [.left, .right, .right, .right] + several.map { _ in .right })
    let sorted = regions.sorted { $0.lost.reduce(0, +) > $1.lost.reduce(0, +) }
    for region in sorted.prefix(ThreadPlanTable.listed) {
      table.append(
        [
          region.name, "\(region.tasks)", fixed(region.milliseconds, 2),
          fixed(region.millisecondsBefore, 2),
        ] + several.map { fixed(region.lost[$0] * 100, 1) })
    }
    return table
  }
}
