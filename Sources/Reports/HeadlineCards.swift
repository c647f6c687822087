import Experiment
import Terminal

/// The cards at the top of a report: the figure that stands for each task, the loss, the speed.
struct HeadlineCards {
  private let input: RunReportInput
  private let best: EpochRecord?

  init(_ input: RunReportInput, best: EpochRecord?) {
    self.input = input
    self.best = best
  }

  func cards() -> [Markup] {
    let epochs = input.history.epochs
    guard !epochs.isEmpty else { return ["<p class=\"note\">No epoch was finished yet.</p>"] }
    let keys = Set(epochs.flatMap(\.validation.keys))
    var cards = FigureName.tasks(in: keys).compactMap { FigureName.headline(of: $0, in: keys) }
      .map(card)
    if keys.contains("loss") { cards.append(card(FigureName("loss"))) }
    if let rate = input.history.imagesPerSecond {
      cards.append(
        stat(
          "Training speed", rateText(rate), unit: "images/s",
          below: input.history.dataWait.map { "data wait \(NumberText.share($0))" } ?? "",
          spark: epochs.map(\.imagesPerSecond)))
    }
    if let seconds = input.history.seconds {
      cards.append(
        stat(
          "Time", durationText(seconds: seconds),
          below:
            "\(epochs.count == 1 ? "1 epoch" : "\(epochs.count) epochs") of \(durationText(seconds: seconds / Double(epochs.count)))"
        ))
    }
    return cards
  }

  private func card(_ figure: FigureName) -> Markup {
    let values = input.history.epochs.compactMap { $0.validation[figure.key] }
    let value = best?.validation[figure.key]
    var below: Markup = ""
    if let value, let first = values.first, values.count > 1, value != first {
      let isBetter = figure.direction == .higherIsBetter ? value > first : value < first
      below = """
        <span class="\(isBetter ? "up" : "down")">\(value > first ? "▲" : "▼")</span> from \
        \(figure.text(first))
        """
    }
    let unit = figure.metric == "mae" ? input.units[figure.task] ?? "" : ""
    return stat(
      Self.capitalized(figure.title), figure.text(value), unit: unit, below: below, spark: values)
  }

  private func stat(
    _ label: String, _ value: String, unit: String = "", below: Markup = "", spark: [Double] = []
  ) -> Markup {
    let unit: Markup = unit.isEmpty ? "" : "<small>\(unit)</small>"
    let kind: Markup = value.count > 8 ? "value long" : "value"
    return """
      <div class="card stat"><div class="label">\(label)</div><div class="\(kind)">\(value)\(unit)</div>\
      <div class="change">\(below)</div>\(Sparkline(values: spark).drawing())</div>

      """
  }

  private func stat(
    _ label: String, _ value: String, unit: String = "", below: String, spark: [Double] = []
  ) -> Markup {
    stat(label, value, unit: unit, below: "\(below)" as Markup, spark: spark)
  }

  static func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
