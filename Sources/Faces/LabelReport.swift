import Terminal

/// The statistics of one or more splits as text of at most 80 columns.
///
/// Up to two splits stand side by side; each further pair follows below.
package struct LabelReport {
  /// One split: its name and figures.
  package struct Split {
    package let name: String
    package let statistics: LabelStatistics

    package init(name: String, statistics: LabelStatistics) {
      self.name = name
      self.statistics = statistics
    }
  }

  /// Mean and standard deviation of each channel of the training pixels, scaled to 0…1.
  package struct Channels {
    package let mean: [Double]
    package let standardDeviation: [Double]

    package init(mean: [Double], standardDeviation: [Double]) {
      self.mean = mean
      self.standardDeviation = standardDeviation
    }
  }

  private static let labelWidth = 10
  private let splits: [Split]
  private let drift: LabelDrift?
  private let channels: Channels?

  /// - Parameters:
  ///   - drift: printed after the splits.
  ///   - channels: printed last.
  package init(splits: [Split], drift: LabelDrift? = nil, channels: Channels? = nil) {
    self.splits = splits
    self.drift = drift
    self.channels = channels
  }

  /// The report.
  package func lines() -> [String] {
    var lines: [String] = []
    for start in stride(from: 0, to: splits.count, by: 2) {
      lines += section(Array(splits[start..<min(start + 2, splits.count)])) + [""]
    }
    if let drift { lines += self.lines(of: drift) + [""] }
    if let channels { lines += self.lines(of: channels) + [""] }
    if lines.last == "" { lines.removeLast() }
    return lines.map(trimmingEnd)
  }

  // MARK: - One section: splits side by side

  private func section(_ splits: [Split]) -> [String] {
    let width = (80 - Self.labelWidth) / splits.count
    func row(_ label: String, _ cells: [String]) -> String {
      label.padded(to: Self.labelWidth) + cells.map { $0.padded(to: width) }.joined()
    }
    let header = splits.map { "  \($0.name): \(grouped($0.statistics.count)) faces" }
    let all = splits.map(\.statistics)
    var lines = [row("", header), ""]
    lines += ages(all, row)
    let decades = (0..<FaceLabels.decadeCount).map { decade in
      decade == FaceLabels.decadeCount - 1 ? "110–116" : "\(decade * 10)–\(decade * 10 + 9)"
    }
    lines += histogram("age", decades, all.map(\.decadeHistogram), width, row)
    lines += histogram(
      "gender", FaceLabels.genderNames, all.map(\.genderHistogram), width, row)
    lines += histogram("race", FaceLabels.raceNames, all.map(\.raceHistogram), width, row)
    for split in splits { lines += [""] + crossTable(split) }
    for split in splits { lines += [""] + weights(split) }
    return lines
  }

  private func ages(
    _ all: [LabelStatistics], _ row: (String, [String]) -> String
  ) -> [String] {
    func line(_ label: String, _ text: (AgeSummary) -> String) -> String {
      row(label, all.map { $0.age.map { "  " + text($0) } ?? "  –" })
    }
    return [
      line("age") {
        "mean \(fixed($0.mean, 1)) ± \(fixed($0.standardDeviation, 1)), "
          + "median \(fixed($0.median, 0))"
      },
      line("") {
        "quartiles \(fixed($0.quartile1, 0)) and \(fixed($0.quartile3, 0)), "
          + "\($0.minimum) to \($0.maximum)"
      },
      line("") { "5 % below \(fixed($0.quantile5, 0)), above \(fixed($0.quantile95, 0))" },
    ]
  }

  /// A line per class: count, share and a bar whose full length is the largest class of the split.
  private func histogram(
    _ title: String, _ names: [String], _ counts: [[Int]], _ width: Int,
    _ row: (String, [String]) -> String
  ) -> [String] {
    let barWidth = min(width - 18, 40)
    return ["", title]
      + names.indices.map { index in
        row(
          "  " + names[index],
          counts.map { histogram in
            let total = max(histogram.reduce(0, +), 1)
            let largest = max(histogram.max() ?? 0, 1)
            let count = histogram[index]
            return grouped(count).leftPadded(to: 9)
              + percent(Double(count) / Double(total)).leftPadded(to: 8) + " "
              + bar(Double(count) / Double(largest), width: barWidth)
          })
      }
  }

  private func crossTable(_ split: Split) -> [String] {
    var table = TextTable(
      header: ["gender × race, \(split.name)"] + FaceLabels.raceNames + ["all"],
      alignment: [.left] + Array(repeating: .right, count: FaceLabels.raceNames.count + 1))
    let statistics = split.statistics
    for (gender, name) in FaceLabels.genderNames.enumerated() {
      table.append(
        ["  " + name] + statistics.genderByRace[gender].map(grouped)
          + [grouped(statistics.genderHistogram[gender])])
    }
    table.append(
      ["  all"] + statistics.raceHistogram.map(grouped) + [grouped(statistics.count)])
    return table.lines()
  }

  private func weights(_ split: Split) -> [String] {
    func line(_ names: [String], _ weights: [Double?]) -> String {
      "  "
        + zip(names, weights).map { name, weight in
          "\(name) \(weight.map { fixed($0, 3) } ?? "–")"
        }.joined(separator: "  ")
    }
    let weights = split.statistics.classWeights
    return [
      "weights that balance the classes, \(split.name)",
      line(FaceLabels.genderNames, weights.gender), line(FaceLabels.raceNames, weights.race),
    ]
  }

  // MARK: - Drift and channels

  private func lines(of drift: LabelDrift) -> [String] {
    [
      "drift from train to validation (0 equal, 1 disjoint)",
      "  age        \(fixed(drift.ageKS, 4))  Kolmogorov–Smirnov; chance stays below "
        + "\(fixed(drift.ageKSLimit, 4)) in 95 of 100",
      "             mean \(drift.ageMeanDifference < 0 ? "−" : "+")"
        + "\(fixed(abs(drift.ageMeanDifference), 2)) years",
      "  gender     \(fixed(drift.gender, 4))  total variation",
      "  race       \(fixed(drift.race, 4))  total variation",
      "  both       \(fixed(drift.genderByRace, 4))  total variation of gender × race",
    ]
  }

  private func lines(of channels: Channels) -> [String] {
    func list(_ values: [Double]) -> String {
      values.map { fixed($0, 4) }.joined(separator: "  ")
    }
    return [
      "channels of the training images (0 to 1)", "  mean       \(list(channels.mean))",
      "  deviation  \(list(channels.standardDeviation))",
    ]
  }
}

private func trimmingEnd(_ line: String) -> String {
  var line = Substring(line)
  while line.last == " " { line.removeLast() }
  return String(line)
}
