import Experiment
import Foundation
import Terminal

/// The sections of a report about the best weights: confusion, errors by range and group, pictures.
struct EvaluationSections {
  private let details: EvaluationDetails
  private let units: [String: String]

  init(_ details: EvaluationDetails, units: [String: String]) {
    self.details = details
    self.units = units
  }

  /// Figures, confusion matrices and errors by range; nil where there is none of them.
  func evaluation() -> Markup? {
    var cards: [Markup] = []
    cards += details.errorsByRange.map(bars)
    cards += details.confusions.map(matrix)
    if !details.figures.isEmpty { cards.append(figures()) }
    return cards.isEmpty ? nil : "<div class=\"grid\">\(cards)</div>"
  }

  private func figures() -> Markup {
    let figures = details.figures.keys.sorted(by: FigureName.precedes).map(FigureName.init)
    let rows = figures.map { figure -> Markup in
      """
      <div><span>\(HeadlineCards.capitalised(figure.title))</span>\
      <b>\(figure.text(details.figures[figure.key]))</b></div>
      """
    }
    return """
      <div class="card wide"><h3>All figures</h3><div class="figures">\(rows)</div></div>

      """
  }

  private func bars(_ errors: EvaluationDetails.ErrorsByRange) -> Markup {
    let largest = errors.ranges.map(\.error).filter(\.isFinite).max() ?? 0
    let rows = errors.ranges.map { range -> Markup in
      let share = largest > 0 && range.error.isFinite ? max(0, range.error / largest) : 0
      return """
        <span class="label">\(range.label)</span><span class="track">\
        <span class="fill" style="width:\(at: 100 * share)%;--p:\(at: share)"></span></span>\
        <span class="num">\(range.error.isFinite ? fixed(range.error, 2) : "–")</span>\
        <span class="count">n = \(grouped(range.count))</span>

        """
    }
    let unit = units[errors.task].map { ", \($0)" } ?? ""
    return """
      <div class="card"><h3>Mean error of \(errors.task) by true \(errors.task)\(unit)</h3>\
      <div class="bars">\(rows)</div></div>

      """
  }

  /// Each row sums to 100 %: the diagonal is the share found.
  private func matrix(_ confusion: EvaluationDetails.Confusion) -> Markup {
    let header = confusion.classes.map { name -> Markup in "<th title=\"\(name)\">\(name)</th>" }
    let rows = zip(confusion.classes, confusion.counts).map { name, counts -> Markup in
      let total = counts.reduce(0, +)
      let cells = zip(confusion.classes, counts).map { predicted, count -> Markup in
        let share = total > 0 ? Double(count) / Double(total) : 0
        return """
          <td class="cell\(share > 0.5 ? " strong" : "" as Markup)" style="--c:var(--accent);--p:\(at: 100 * share)" \
          title="\(name) taken for \(predicted): \(grouped(count)) of \(grouped(total))">\
          \(fixed(100 * share, share > 0 && share < 0.0995 ? 1 : 0))\u{202F}%<small>\(grouped(count))</small></td>
          """
      }
      return "<tr><th title=\"\(name)\">\(name)</th>\(cells)</tr>\n"
    }
    return """
      <div class="card"><h3>Confusion of \(confusion.task)<small>true ↓ predicted →</small></h3>\
      <table class="heat"><colgroup><col/>\(confusion.classes.map { _ -> Markup in "<col/>" })</colgroup>\
      <tr><td></td>\(header)</tr>\(rows)</table></div>

      """
  }

  /// A matrix of each error where groups have two names, else one table; nil without groups.
  func groups() -> Markup? {
    guard let groups = details.groups, !groups.rows.isEmpty else { return nil }
    let cards = groups.columns.indices.map { GroupErrors(groups, column: $0).card() }
    return "<div class=\"grid\">\(cards)</div>"
  }

  /// Rows of pictures with what was predicted; nil without pictures.
  func pictures(_ encodePNG: RunReportPage.PNGEncoder) throws -> Markup? {
    let groups = try details.pictures.filter { !$0.pictures.isEmpty }.map { group -> Markup in
      let pictures = try group.pictures.map { try figure($0, encodePNG) }
      let note: Markup = group.note.isEmpty ? "" : "<p class=\"sub\">\(group.note)</p>"
      return """
        <div class="card wide"><h3>\(group.title)</h3>\(note)<div class="pictures">\(pictures)</div></div>

        """
    }
    return groups.isEmpty ? nil : "<div class=\"grid\">\(groups)</div>"
  }

  private func figure(
    _ picture: EvaluationDetails.Picture, _ encodePNG: RunReportPage.PNGEncoder
  ) throws -> Markup {
    let png = try encodePNG(picture.rgb, picture.width, picture.height)
    let data = Data(png).base64EncodedString()
    let lines = picture.predictions.map { prediction -> Markup in
      let kind: Markup = prediction.isRight ? "" : " class=\"wrong\""
      return """
        <div\(kind) title="predicted \(prediction.prediction), truth \(prediction.truth)">\
        \(prediction.prediction) <s>/ \(prediction.truth)</s></div>
        """
    }
    // Small pictures show their pixels; large ones are smoothed.
    let kind: Markup = max(picture.width, picture.height) <= 64 ? " class=\"small\"" : ""
    return """
      <figure class="picture"><img\(kind) src="data:image/png;base64,\(data)" width="\(picture.width)" \
      height="\(picture.height)" alt="\(picture.name)"/>\(lines)\
      <div class="name" title="\(picture.name)">\(picture.name)</div></figure>

      """
  }
}
