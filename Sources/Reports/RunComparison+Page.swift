import Experiment
import Terminal

extension RunComparison {
  /// A page with the table and the curves of all runs, one color a run.
  package func page(program: String = "hydra-train") -> String {
    var page = Page(title: runs.count == 1 ? "1 run" : "\(runs.count) runs compared")
    page.body +=
      "<h1>\(page.title)</h1><p class=\"sub\">Figures of each run's best epoch on its validation split.</p>"
    for note in runs.flatMap(\.history.notes) + (warning.map { [$0] } ?? []) {
      page.body += "<p class=\"warn\">\(note)</p>"
    }
    page.addSection("figures", "Figures", "<div class=\"card scroll\">\(table())</div>")
    let charts = headlineCharts()
    if !charts.isEmpty {
      page.addSection(
        "curves", "Curves", note: "Dots mark each run's best epoch.",
        "<div class=\"grid\">\(charts)</div>")
    }
    if figures.count > headlines.count {
      page.addSection(
        "all", "All figures", "<div class=\"card scroll\">\(figuresTable())</div>")
    }
    if let settings = settingsTable() {
      page.addSection(
        "settings", "Settings that differ", "<div class=\"card scroll\">\(settings)</div>")
    }
    page.footer =
      "Made by \(program). This page is complete in itself: it loads nothing and runs no scripts."
    return page.text()
  }

  private func color(_ run: Int) -> Markup { "var(--c\(run % 8))" }

  private func name(_ run: Int) -> Markup {
    "<span class=\"swatch\" style=\"--c:\(color(run))\"></span>\(runs[run].name)"
  }

  /// A row a run, with the figures that people ask for first.
  private func table() -> Markup {
    let figures = headlines
    let heads =
      figures.map { HeadlineCards.capitalized($0.title) }
      + ["Best epoch", "Epochs", "Images/s", "Data wait", "Time"]
    let header = heads.map { head -> Markup in "<th>\(head)</th>" }
    let winners = figures.map(winners)
    let rows = runs.indices.map { index -> Markup in
      let run = runs[index]
      let values = zip(figures, winners).map { figure, winners in
        cell(figure.text(run.best?.validation[figure.key]), isBest: winners.contains(index))
      }
      let others = [
        run.best.map { "\($0.epoch)" } ?? "–", "\(run.history.epochs.count)",
        run.history.imagesPerSecond.map(rateText) ?? "–",
        run.history.dataWait.map(NumberText.share) ?? "–",
        run.history.seconds.map { durationText(seconds: $0) } ?? "–",
      ].map { cell($0) }
      return "<tr><td>\(name(index))</td>\(values)\(others)</tr>\n"
    }
    return """
      <table class="rows"><thead><tr><th>Run</th>\(header)</tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  /// A row a figure.
  private func figuresTable() -> Markup {
    let rows = figures.map { figure -> Markup in
      let winners = winners(of: figure)
      let cells = runs.indices.map {
        cell(figure.text(runs[$0].best?.validation[figure.key]), isBest: winners.contains($0))
      }
      return "<tr><td>\(HeadlineCards.capitalized(figure.title))</td>\(cells)</tr>\n"
    }
    return columns("Figure", rows)
  }

  private func settingsTable() -> Markup? {
    let rows = differences.map { difference -> Markup in
      "<tr><td>\(difference.path)</td>\(difference.values.map { cell($0 ?? "–") })</tr>\n"
    }
    return rows.isEmpty ? nil : columns("Setting", rows)
  }

  /// A table with a column a run.
  private func columns(_ head: String, _ rows: [Markup]) -> Markup {
    let header = runs.indices.map { index -> Markup in "<th>\(name(index))</th>" }
    return """
      <table class="rows"><thead><tr><th>\(head)</th>\(header)</tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  private func cell(_ text: String, isBest: Bool = false) -> Markup {
    let kind: Markup = isBest ? " class=\"top\"" : ""
    return "<td\(kind)>\(text)</td>"
  }

  /// The headline figures, the loss of the training split, and the speed.
  private func headlineCharts() -> [Markup] {
    var charts = headlines.map { figure in
      chart(HeadlineCards.capitalized(figure.title), figure) { $0.validation[figure.key] }
    }
    charts.append(chart("Training loss", FigureName("loss")) { $0.train["loss"] })
    charts.append(chart("Training images a second") { $0.imagesPerSecond })
    return charts.compactMap(\.self)
  }

  private func chart(
    _ title: String, _ figure: FigureName? = nil, _ value: (EpochRecord) -> Double?
  ) -> Markup? {
    let series = runs.enumerated().map { index, run in
      LineChart.Series(
        name: run.name, color: "\(index % 8)", isDashed: index >= 8, mark: run.best?.epoch,
        points: run.history.epochs.compactMap { epoch in
          value(epoch).flatMap { $0.isFinite ? (epoch.epoch, $0) : nil }
        })
    }
    return LineChart(
      title: title, series: series, style: figure?.style ?? .plain,
      mayBeLogarithmic: figure?.metric == "loss"
    ).card()
  }
}
