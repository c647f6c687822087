import Terminal

/// `RUN/report.html`: one page that shows how a run went and how its best weights do.
///
/// ```swift
/// let html = try RunReportPage(input).text()
/// ```
package struct RunReportPage {
  let input: RunReportInput

  package init(_ input: RunReportInput) { self.input = input }

  /// The epoch whose figures the cards show.
  var best: EpochRecord? {
    input.history.epochs.first { $0.epoch == input.bestEpoch }
  }

  /// The whole page, UTF-8.
  ///
  /// - Throws: `ImageError` for a picture that PNG cannot hold.
  package func text() throws -> String {
    var page = Page(title: input.title)
    page.body += top()
    let charts = FigureCharts(history: input.history, best: best?.epoch)
    if !input.history.epochs.isEmpty {
      let note = best.map {
        "The dashed line marks epoch \($0.epoch), whose weights were kept as best."
      }
      page.addSection("curves", "Curves", note: note ?? "", curves(charts))
    }
    if let evaluation = input.evaluation {
      let sections = EvaluationSections(evaluation, units: input.units)
      page.addSection(
        "evaluation", "Evaluation",
        note:
          "The best weights on the \(grouped(evaluation.sampleCount)) samples of \(evaluation.split).",
        sections.cards())
      if let content = sections.groups() {
        page.addSection(
          "groups", "Errors by group",
          note:
            "Which people the model serves worse: redder cells have more errors than the whole split, greener "
            + "ones fewer. Small groups vary by chance.", content)
      }
    }
    let pictures = try input.pictures.filter { !$0.pictures.isEmpty }.map { try $0.card() }
    if !pictures.isEmpty {
      page.addSection("pictures", "Predictions", "<div class=\"grid\">\(pictures)</div>")
    }
    page.addSection("run", "The run", details())
    page.footer =
      "Made by \(input.program). This page is complete in itself: it loads nothing and runs no scripts."
    return page.text()
  }

  private func top() -> Markup {
    let facts = input.facts.map { fact -> Markup in
      "<div><dt>\(fact.label)</dt><dd>\(fact.text)</dd></div>"
    }
    let notes = (input.history.notes + input.notes).map { note -> Markup in
      "<p class=\"warn\">\(note)</p>"
    }
    return """
      <h1>\(input.title)</h1><p class="sub">\(input.subtitle)</p>
      <dl class="facts">\(facts)</dl>
      \(notes)<div class="cards">\(HeadlineCards(input, best: best).cards())</div>

      """
  }

  private func curves(_ charts: FigureCharts) -> Markup {
    let more = charts.moreCards()
    guard !more.isEmpty else { return "<div class=\"grid\">\(charts.mainCards())</div>" }
    return """
      <div class="grid">\(charts.mainCards())</div>
      <details><summary>More curves (\(more.count))</summary><div class="grid">\(more)</div></details>
      """
  }

  private func details() -> Markup {
    var content: Markup = ""
    if !input.provenance.isEmpty {
      let rows = input.provenance.map { fact -> Markup in
        "<dt>\(fact.label)</dt><dd>\(fact.text)</dd>"
      }
      content += """
        <div class="card"><h3>Where it comes from</h3>\
        <dl class="origin">\(rows)</dl></div>

        """
    }
    if !input.configuration.isEmpty {
      content += """
        <details class="card" open="open"><summary>Configuration</summary><pre>\(input.configuration)</pre></details>

        """
    }
    if !input.history.epochs.isEmpty {
      content += """
        <details class="card"><summary>All epochs</summary>\
        <div class="scroll">\(EpochTable(input.history, best: best?.epoch).table())</div></details>

        """
    }
    return content
  }
}
