import Experiment
import Metrics

/// Every figure of every task by group, with its 95 % interval, and how far groups are apart.
///
/// A gap is the largest value less the smallest, as Fairlearn's `MetricFrame.difference()`. Small
/// groups vary by chance: the intervals say how much.
package struct GroupAnalysis: Sendable {
  package struct Figure: Sendable {
    package let task: String
    /// Such as `mae`; see `FigureName`.
    package let metric: String
    /// Samples of the group whose label of the task is known; for a true or false positive rate,
    /// those that it is a share of.
    package let count: Int
    package let value: Double
    /// By the percentile bootstrap; nil where most resamples lack the figure, or none was asked for.
    package let interval: ClosedRange<Double>?

    /// Whether chance decides its value: it takes no part in gaps.
    package var isOfFew: Bool { count < GroupAnalysis.fewestInGaps }
  }

  /// Figures of fewer samples are left out of gaps, which they would decide by chance.
  package static let fewestInGaps = 10

  package struct Group: Sendable {
    /// What the group's values are called, in the order of `columns`.
    package let names: [String]
    package let count: Int
    package let figures: [Figure]

    package func figure(_ task: String, _ metric: String) -> Figure? {
      figures.first { $0.task == task && $0.metric == metric }
    }
  }

  package struct Gap: Sendable {
    package let task: String
    package let metric: String
    package let value: Double
    /// The names of the group that is worst off; nil for a metric without a better direction.
    package let worst: [String]?
  }

  /// How far a binary task is from treating groups alike; 0 is alike.
  package struct Fairness: Sendable {
    package let task: String
    /// Largest less smallest share that is given class 1 (Dwork et al. 2012).
    package let demographicParityDifference: Double
    /// The larger gap of the true and of the false positive rate (Hardt, Price and Srebro 2016);
    /// nil where fewer than two groups have such a rate.
    package let equalizedOddsDifference: Double?
  }

  package let columns: [String]
  package let groups: [Group]
  /// One for every figure that two groups of at least `fewestInGaps` have.
  package let gaps: [Gap]
  package let fairness: [Fairness]
  /// Samples that are in no group, for a value that is missing.
  package let ungrouped: Int

  /// - Parameters:
  ///   - outputs: by task, [samples][outputs].
  ///   - labels: by task, one a sample; NaN for one that is not known.
  package init(
    _ grouping: Grouping, tasks: [TaskSettings], outputs: [[Float]], labels: [[Float]]
  ) {
    columns = grouping.columns
    ungrouped = grouping.groups.count { $0 == nil }
    var members = grouping.names.map { _ in [Int]() }
    for (sample, group) in grouping.groups.enumerated() {
      if let group { members[group].append(sample) }
    }
    groups = zip(grouping.names, members).enumerated().map { place, group in
      let (names, samples) = group
      return Group(
        names: names, count: samples.count,
        figures: tasks.indices.flatMap { task in
          Self.figures(
            tasks[task], outputs[task], labels[task], samples: samples, of: grouping,
            stream: UInt64(place * tasks.count + task))
        })
    }
    let gaps = Self.gaps(of: groups)
    self.gaps = gaps
    fairness = tasks.filter { $0.kind == .binary }.compactMap { task in
      func gap(_ metric: String) -> Double? {
        gaps.first { $0.task == task.name && $0.metric == metric }?.value
      }
      return gap("selection_rate").map { parity in
        Fairness(
          task: task.name, demographicParityDifference: parity,
          equalizedOddsDifference: ["true_positive_rate", "false_positive_rate"]
            .compactMap(gap).max())
      }
    }
  }

  /// The figures of a task on some samples of a grouping, each with its interval.
  ///
  /// Of a task grouped by its own classes only the accuracy: a group has one true class, and the
  /// other figures, such as rates, then say nothing more, or nothing.
  private static func figures(
    _ task: TaskSettings, _ outputs: [Float], _ labels: [Float], samples: [Int],
    of grouping: Grouping, stream: UInt64
  ) -> [Figure] {
    let known = samples.filter { !labels[$0].isNaN }
    guard !known.isEmpty else { return [] }
    let width = outputs.count / labels.count
    let isOwn = task.kind != .regression && grouping.columns.contains(task.column)
    func metrics(_ samples: [Int]) -> [(String, Double)] {
      TaskMetrics(
        task, outputs: samples.flatMap { outputs[$0 * width..<($0 + 1) * width] },
        labels: samples.map { labels[$0] }
      ).groupFigures.filter { !isOwn || $0.0 == "accuracy" }
    }
    let values = metrics(known)
    func count(_ metric: String) -> Int {
      switch metric {
      case "true_positive_rate": known.count { labels[$0] > 0.5 }
      case "false_positive_rate": known.count { labels[$0] <= 0.5 }
      default: known.count
      }
    }
    guard grouping.hasIntervals else {
      return values.map { name, value in
        Figure(task: task.name, metric: name, count: count(name), value: value, interval: nil)
      }
    }
    let intervals = Bootstrap.intervals(count: known.count, stream: stream) { drawn in
      let drawn = metrics(drawn.map { known[$0] })
      return values.map { name, _ in drawn.first { $0.0 == name }?.1 }
    }
    return zip(values, intervals).map { figure, interval in
      Figure(
        task: task.name, metric: figure.0, count: count(figure.0), value: figure.1,
        interval: interval)
    }
  }

  private static func gaps(of groups: [Group]) -> [Gap] {
    var names: [(task: String, metric: String)] = []
    for figure in groups.flatMap(\.figures)
    where !names.contains(where: { $0 == (figure.task, figure.metric) }) {
      names.append((figure.task, figure.metric))
    }
    return names.compactMap { task, metric in
      let values = groups.compactMap { group in
        group.figure(task, metric).flatMap {
          $0.isOfFew ? nil : (names: group.names, value: $0.value)
        }
      }
      guard values.count > 1, let low = values.min(by: { $0.value < $1.value }),
        let high = values.max(by: { $0.value < $1.value })
      else { return nil }
      let worst: [String]? =
        switch FigureName(metric).direction {
        case .lowerIsBetter: high.names
        case .higherIsBetter: low.names
        case .neutral: nil
        }
      return Gap(task: task, metric: metric, value: high.value - low.value, worst: worst)
    }
  }
}
