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

  /// Classes of a histogram or a table that are shown; of more, the first ones.
  private static let mostClasses = 40
  private let splits: [Split]
  private let drift: LabelDrift?
  private let channels: Channels?
  /// Of the column that names classes and bins.
  private let labelWidth: Int

  /// - Parameters:
  ///   - drift: printed after the splits.
  ///   - channels: printed last.
  package init(splits: [Split], drift: LabelDrift? = nil, channels: Channels? = nil) {
    self.splits = splits
    self.drift = drift
    self.channels = channels
    let titles = splits.first?.statistics.columns.values.flatMap(\.titles) ?? []
    labelWidth = min(18, max(10, 3 + (titles.map(\.count).max() ?? 0)))
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
    let width = (80 - labelWidth) / splits.count
    func row(_ label: String, _ cells: [String]) -> String {
      cut(label, labelWidth - 1).padded(to: labelWidth)
        + cells.map { $0.padded(to: width) }.joined()
    }
    let header = splits.map { "  \($0.name): \(grouped($0.statistics.count)) images" }
    var lines = [row("", header)]
    for name in splits.first?.statistics.order ?? [] {
      let columns = splits.compactMap { $0.statistics.columns[name] }
      guard columns.count == splits.count else { continue }
      lines += [""] + figures(name, columns, row)
      if columns.contains(where: { $0.missing > 0 }) {
        lines.append(
          row("  missing", columns.map { grouped($0.missing).leftPadded(to: 9) }))
      }
      if columns[0].bins != nil {
        // Splits have bins of their own where the column has no range.
        for (index, column) in columns.enumerated() where index == 0 || !sameBins(columns) {
          let shown = sameBins(columns) ? columns : [column]
          lines += histogram(
            titles(column.bins ?? []), shown.map { ($0.bins ?? []).map(\.count) }, width, row)
        }
      } else {
        let longest = columns.max { $0.titles.count < $1.titles.count }
        lines += histogram(longest?.titles ?? [], columns.map { $0.histogram ?? [] }, width, row)
      }
    }
    for split in splits { lines += crossTable(split) }
    for split in splits { lines += weights(split) }
    return lines
  }

  private func sameBins(_ columns: [ColumnStatistics]) -> Bool {
    Set(columns.map { ($0.bins ?? []).map(\.from) }).count == 1
  }

  private func titles(_ bins: [ColumnStatistics.Bin]) -> [String] {
    bins.map { bin in
      // Whole numbers have their last one: 10–19.
      let isWhole =
        bin.from == bin.from.rounded() && bin.to - bin.from > 1
        && bin.to == bin.to.rounded()
      return "\(short(bin.from))–\(short(isWhole ? bin.to - 1 : bin.to))"
    }
  }

  private func short(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? fixed(value, abs(value) < 1 ? 3 : 1)
  }

  private func figures(
    _ name: String, _ columns: [ColumnStatistics], _ row: (String, [String]) -> String
  ) -> [String] {
    guard columns[0].kind == "number" else { return [visible(name)] }
    func line(_ label: String, _ text: (NumberSummary) -> String) -> String {
      row(label, columns.map { $0.summary.map { "  " + text($0) } ?? "  –" })
    }
    return [
      line(name) {
        "mean \(fixed($0.mean, 1)) ± \(fixed($0.standardDeviation, 1)), "
          + "median \(short($0.median))"
      },
      line("") {
        "quartiles \(short($0.quartile1)) and \(short($0.quartile3)), "
          + "\(short($0.minimum)) to \(short($0.maximum))"
      },
      line("") { "5 % below \(short($0.quantile5)), above \(short($0.quantile95))" },
    ]
  }

  /// A line per class: count, share and a bar whose full length is the largest class of the split.
  private func histogram(
    _ names: [String], _ counts: [[Int]], _ width: Int, _ row: (String, [String]) -> String
  ) -> [String] {
    let barWidth = min(width - 18, 40)
    var lines = names.prefix(Self.mostClasses).enumerated().map { index, name in
      row(
        "  " + visible(name),
        counts.map { histogram in
          let total = max(histogram.reduce(0, +), 1)
          let largest = max(histogram.max() ?? 0, 1)
          let count = index < histogram.count ? histogram[index] : 0
          return grouped(count).leftPadded(to: 9)
            + percent(Double(count) / Double(total)).leftPadded(to: 8) + " "
            + bar(Double(count) / Double(largest), width: barWidth)
        })
    }
    if names.count > Self.mostClasses {
      lines.append("  and \(names.count - Self.mostClasses) more")
    }
    return lines
  }

  private func crossTable(_ split: Split) -> [String] {
    guard let cross = split.statistics.crossTable, !cross.counts.isEmpty,
      let rows = split.statistics.columns[cross.rows]?.titles,
      let columns = split.statistics.columns[cross.columns]?.titles,
      rows.count <= Self.mostClasses, columns.count <= Self.mostClasses
    else { return [] }
    var table = TextTable(
      header: ["\(cross.rows) × \(cross.columns), \(split.name)"] + columns.map { cut($0, 14) }
        + ["all"], alignment: [.left] + Array(repeating: .right, count: columns.count + 1))
    for (name, counts) in zip(rows, cross.counts) {
      table.append(
        ["  " + cut(name, 20)] + counts.map(grouped) + [grouped(counts.reduce(0, +))])
    }
    let sums = columns.indices.map { column in cross.counts.reduce(0) { $0 + $1[column] } }
    table.append(["  all"] + sums.map(grouped) + [grouped(sums.reduce(0, +))])
    return [""] + table.lines(columns: 80)
  }

  private func weights(_ split: Split) -> [String] {
    var lines: [String] = []
    for name in split.statistics.order {
      guard let column = split.statistics.columns[name], let weights = column.classWeights else {
        continue
      }
      let words = zip(column.titles, weights).prefix(Self.mostClasses).map { title, weight in
        "\(cut(title, 20)) \(weight.map { fixed($0, 3) } ?? "–")"
      }
      lines += wrapped(words.joined(separator: "  "), width: 78).map { "  \($0)" }
    }
    return lines.isEmpty ? [] : ["", "weights that balance the classes, \(split.name)"] + lines
  }

  // MARK: - Drift and channels

  private func lines(of drift: LabelDrift) -> [String] {
    ["drift from train to validation (0 equal, 1 disjoint)"]
      + drift.order.flatMap { name -> [String] in
        guard let column = drift.columns[name] else { return [] }
        let start =
          "  \(cut(name, labelWidth - 1).padded(to: labelWidth)) \(fixed(column.distance, 4))  "
        guard let limit = column.limit, let difference = column.meanDifference else {
          return [start + "total variation"]
        }
        return [
          start + "Kolmogorov–Smirnov; chance: \(fixed(limit, 4)) in 95 of 100",
          "  \("".padded(to: labelWidth)) mean \(difference < 0 ? "−" : "+")"
            + fixed(abs(difference), 2),
        ]
      }
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

  /// The start of a name, where it is longer than its place.
  private func cut(_ name: String, _ width: Int) -> String {
    let name = visible(name)
    return name.count <= width ? name : name.prefix(width - 1) + "…"
  }
}

private func trimmingEnd(_ line: String) -> String {
  var line = Substring(line)
  while line.last == " " { line.removeLast() }
  return String(line)
}
