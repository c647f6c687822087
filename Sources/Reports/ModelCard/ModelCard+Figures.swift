import Experiment
import Terminal

extension ModelCard {
  /// The figures of the best epoch: overall, then by group.
  func analyses() -> MarkdownText {
    guard let evaluation = report.evaluation else { return logged() }
    let groups = evaluation.analyses.flatMap { analysis in
      analysis.shown(of: input.tasks).map { table(analysis, task: $0) }
    }
    let fairness = evaluation.analyses.flatMap { analysis in
      analysis.fairness.filter { fairness in
        analysis.shown(of: input.tasks).contains { $0.name == fairness.task }
      }.map { line(of: $0, analysis) }
    }
    return """
      ### Overall

      \(overall(evaluation))\
      \(groups.isEmpty ? "" : "### By group\n\n" as MarkdownText)\(groups)\
      \(fairness)\(fairness.isEmpty ? "" : "\n" as MarkdownText)
      """
  }

  /// What metrics.jsonl has of the epoch.
  private func logged() -> MarkdownText {
    guard let best = input.best else { return "No epoch was finished.\n\n" }
    let figures = best.validation.isEmpty ? best.train : best.validation
    let rows = figures.keys.sorted(by: FigureName.precedes).map(FigureName.init).map {
      [HeadlineCards.capitalized($0.title), text($0, figures[$0.key])]
    }
    return MarkdownText.table(["Figure", "value"], rows, numbers: true)
  }

  private func overall(_ evaluation: Evaluation) -> MarkdownText {
    var rows = [["Loss of all tasks", NumberText.significant(evaluation.loss), "–"]]
    for (index, task) in evaluation.tasks.enumerated() {
      guard evaluation.metrics[index].count > 0 else {
        rows.append([task.name, "no image has the label", "–"])
        continue
      }
      var figures = evaluation.metrics[index].figures + [("loss", evaluation.losses[index])]
      if let table = evaluation.reliability[index] {
        figures.append(("ece", table.expectedCalibrationError))
      }
      for (metric, value) in figures {
        let name = FigureName("\(task.name)_\(metric)")
        let interval = report.overall?.groups.first?.figure(task.name, metric)?.interval
        rows.append([
          HeadlineCards.capitalized(name.title),
          text(name, value) + (metric == "mae" ? unit(of: task) : ""),
          interval.map { "\(text(name, $0.lowerBound)) to \(text(name, $0.upperBound))" } ?? "–",
        ])
      }
    }
    return MarkdownText.table(["Figure", "value", "95 % interval"], rows, numbers: true)
  }

  private func unit(of task: TaskSettings) -> String {
    report.units[task.name].map { " \($0)" } ?? ""
  }

  private func table(_ analysis: GroupAnalysis, task: TaskSettings) -> MarkdownText {
    let metrics = analysis.mainMetrics(of: task.name)
    guard !metrics.isEmpty else { return "" }
    let header =
      ["\(task.name) by \(analysis.title)", "images"]
      + metrics.map { FigureName($0).title + (FigureName($0).style == .share ? ", %" : "") }
    var rows = analysis.groups.map { group in
      let figures = metrics.map { group.figure(task.name, $0) }
      let count = figures.compactMap { $0?.count }.first ?? 0
      return [group.names.joined(separator: ", "), grouped(count)]
        + figures.map { figure in
          figure.map { GroupAnalysis.cell($0) + ($0.isOfFew ? "*" : "") } ?? "–"
        }
    }
    rows.append(
      ["gap", ""]
        + metrics.map { metric in
          analysis.gaps.first { $0.task == task.name && $0.metric == metric }
            .map { GroupAnalysis.text(metric, $0.value) } ?? "–"
        })
    return MarkdownText.table(header, rows, numbers: true)
  }

  private func line(
    of fairness: GroupAnalysis.Fairness, _ analysis: GroupAnalysis
  ) -> MarkdownText {
    let odds = fairness.equalizedOddsDifference.map { fixed($0, 4) } ?? "–"
    return """
      - \(fairness.task) by \(analysis.title): demographic parity difference \
      \(fixed(fairness.demographicParityDifference, 4)), equalized odds difference \(odds)

      """
  }

  /// With a blank that any font has.
  private func text(_ figure: FigureName, _ value: Double?) -> String {
    figure.text(value).replacing("\u{202F}", with: " ")
  }
}
