import Experiment
import Terminal

/// Several runs side by side: the figures at each run's best epoch, and the settings that differ.
///
/// ```swift
/// let comparison = try RunComparison(runs)
/// print(comparison.lines())                     // tables for the terminal
/// let html = comparison.page()                  // the same with curves
/// ```
package struct RunComparison: Sendable {
  package static let mostRuns = 32

  package let runs: [ComparedRun]
  /// Why no run is marked as the best, in a sentence; nil where all measured the same photographs.
  package let warning: String?

  /// - Throws: `RunReportError` for no run, or more than 32.
  package init(_ runs: [ComparedRun]) throws {
    guard (1...Self.mostRuns).contains(runs.count) else {
      throw RunReportError(
        "\(runs.count) runs cannot be compared, expected 1 to \(Self.mostRuns)")
    }
    self.runs = runs
    warning = Self.warning(runs)
  }

  /// Figures of different photographs say nothing about which run is better.
  private static func warning(_ runs: [ComparedRun]) -> String? {
    let measured = runs.filter { $0.best?.validation.isEmpty == false }
    guard let first = measured.first else { return nil }
    var unknown: String?
    for run in measured.dropFirst() {
      let same = run.store.flatMap { store in
        first.store.flatMap { store.hasSameMembers(as: $0, split: "validation") }
      }
      guard same != false else {
        return
          "\(first.name) and \(run.name) were validated on different photographs, so no run is "
          + "marked as the best; measure both on one store with hydra-train evaluate"
      }
      if same == nil, unknown == nil { unknown = run.name }
    }
    return unknown.map {
      "it is not known whether \(first.name) and \($0) were validated on the same photographs, so no "
        + "run is marked as the best; measure both on one store with hydra-train evaluate"
    }
  }

  /// The headline figure of each task, then the loss.
  var headlines: [FigureName] {
    let keys = Set(runs.flatMap { $0.history.epochs.flatMap(\.validation.keys) })
    let tasks = FigureName.tasks(in: keys).compactMap { FigureName.headline(of: $0, in: keys) }
    return tasks + (keys.contains("loss") ? [FigureName("loss")] : [])
  }

  /// Every figure of any run's best epoch, headlines first.
  var figures: [FigureName] {
    let headlines = headlines
    let others = Set(runs.flatMap { $0.best.map { Array($0.validation.keys) } ?? [] })
      .subtracting(headlines.map(\.key)).sorted(by: FigureName.precedes)
    return headlines + others.map(FigureName.init)
  }

  /// Which runs have the best value of a figure; none where they are all equal, it has no
  /// direction, or they were not measured on the same photographs.
  func winners(of figure: FigureName) -> Set<Int> {
    guard warning == nil else { return [] }
    let values = runs.map { $0.best?.validation[figure.key] }
    let known = values.compactMap(\.self)
    guard let low = known.min(), let high = known.max(), low < high else { return [] }
    let best: Double
    switch figure.direction {
    case .lowerIsBetter: best = low
    case .higherIsBetter: best = high
    case .neutral: return []
    }
    return Set(values.indices.filter { values[$0] == best })
  }

  /// The settings that are not the same in all runs, by path, with each run's value.
  var differences: [(path: String, values: [String?])] {
    Set(runs.flatMap(\.settings.keys)).sorted().compactMap { path in
      let values = runs.map { $0.settings[path] }
      return Set(values).count > 1 ? (path, values) : nil
    }
  }

  /// A table for the terminal, a row a run: figures at the best epoch, the best of each with a
  /// star, epochs, speed and time; then the settings that differ.
  ///
  /// - Parameter columns: the most characters in a line; a wider table folds.
  package func lines(columns: Int = .max) -> [String] {
    let headlines = headlines
    let heads =
      ["run"] + headlines.map { $0.title + " " } + ["best epoch", "epochs", "images/s", "time"]
    var table = TextTable(
      header: heads,
      alignment: [.left] + [TextTable.Alignment](repeating: .right, count: heads.count - 1))
    let winners = headlines.map(winners)
    for (index, run) in runs.enumerated() {
      var row = [Self.printable(run.name)]
      for (figure, winners) in zip(headlines, winners) {
        let text = figure.text(run.best?.validation[figure.key]).replacing("\u{202F}", with: " ")
        row.append(text + (winners.contains(index) ? "*" : " "))
      }
      row.append(run.best.map { "\($0.epoch)" } ?? "–")
      row.append("\(run.history.epochs.count)")
      row.append(run.history.imagesPerSecond.map(rateText) ?? "–")
      row.append(run.history.seconds.map { durationText(seconds: $0) } ?? "–")
      table.append(row)
    }
    let lines = table.lines(columns: columns)
    let differences = differences
    guard !differences.isEmpty else { return lines }
    var settings = TextTable(
      header: ["setting"] + runs.map { Self.printable($0.name) },
      alignment: [TextTable.Alignment](repeating: .left, count: runs.count + 1))
    for difference in differences {
      settings.append(
        [Self.printable(difference.path)]
          + difference.values.map { $0.map(Self.printable) ?? "–" })
    }
    return lines + [""] + settings.lines(columns: columns)
  }

  /// A name that cannot move a terminal's cursor, at most 40 characters.
  private static func printable(_ text: String) -> String {
    visible(text, limit: 40)
  }
}
