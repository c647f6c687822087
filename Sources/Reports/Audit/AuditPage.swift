import Foundation
import Images
import Terminal

/// The page of an audit: counts, the worst findings of each kind with their twins beside them, and
/// how the labels are distributed.
///
/// ```swift
/// let html = try AuditPage(title: "utkface-32", …).text()
/// ```
package struct AuditPage: Sendable {
  package struct Picture: Sendable {
    package var image: RGBImage
    package var path: String
    /// Its labels and split.
    package var caption: String

    package init(image: RGBImage, path: String, caption: String) {
      self.image = image
      self.path = path
      self.caption = caption
    }
  }

  package struct Finding: Sendable {
    /// The sample and, behind it, its twin; empty for what is about no sample.
    package var pictures: [Picture]
    package var text: String

    package init(pictures: [Picture], text: String) {
      self.pictures = pictures
      self.text = text
    }
  }

  package struct Kind: Sendable {
    package var name: String
    package var explanation: String
    package var count: Int
    /// The worst ones.
    package var findings: [Finding]

    package init(name: String, explanation: String, count: Int, findings: [Finding]) {
      self.name = name
      self.explanation = explanation
      self.count = count
      self.findings = findings
    }
  }

  package struct Histogram: Sendable {
    package var label: String
    package var bars: [(name: String, count: Int)]

    package init(label: String, bars: [(name: String, count: Int)]) {
      self.label = label
      self.bars = bars
    }
  }

  package var title: String
  package var subtitle: String
  package var kinds: [Kind]
  package var histograms: [Histogram]

  package init(title: String, subtitle: String, kinds: [Kind], histograms: [Histogram]) {
    self.title = title
    self.subtitle = subtitle
    self.kinds = kinds
    self.histograms = histograms
  }

  /// The whole page, UTF-8.
  ///
  /// - Throws: `ImageEncodingError` for a picture that cannot be encoded.
  package func text() throws -> String {
    var page = Page(title: title)
    let cards = kinds.map { kind -> Markup in
      """
      <div class="card stat"><span class="label">\(kind.name)</span>\
      <span class="value">\(grouped(kind.count))</span></div>
      """
    }
    page.body += """
      <h1>\(title)</h1><p class="sub">\(subtitle)</p>
      <div class="cards">\(cards)</div>

      """
    let writer = JPEGWriter(quality: 85)
    for (number, kind) in kinds.enumerated() where kind.count > 0 {
      let shown =
        kind.findings.count < kind.count ? " The worst \(kind.findings.count) are shown." : ""
      page.addSection(
        "kind\(number)", kind.name, note: kind.explanation + shown,
        "<div class=\"card\">\(try content(of: kind, writer))</div>")
    }
    if !histograms.isEmpty {
      page.addSection(
        "labels", "Labels", "<div class=\"grid\">\(histograms.map(card))</div>")
    }
    page.footer =
      "Made by utk-prep audit. This page is complete in itself: it loads nothing and runs no scripts."
    return page.text()
  }

  private func content(of kind: Kind, _ writer: JPEGWriter) throws -> Markup {
    let figures = try kind.findings.filter { !$0.pictures.isEmpty }.map { finding -> Markup in
      let pictures = try finding.pictures.map { try figure($0, writer) }
      return """
        <div class="finding">\(pictures)\
        <div class="why" title="\(finding.text)">\(finding.text)</div></div>

        """
    }
    let lines = kind.findings.filter(\.pictures.isEmpty).map { finding -> Markup in
      "<div><span>\(finding.text)</span></div>"
    }
    let pairs: Markup = kind.findings.contains { $0.pictures.count > 1 } ? " pairs" : ""
    return """
      \(figures.isEmpty ? "" : "<div class=\"findings\(pairs)\">\(figures)</div>" as Markup)\
      \(lines.isEmpty ? "" : "<div class=\"figures\">\(lines)</div>" as Markup)
      """
  }

  private func figure(_ picture: Picture, _ writer: JPEGWriter) throws -> Markup {
    let image = picture.image
    // Small pictures show their pixels; large ones are smoothed.
    let isSmall = max(image.width, image.height) <= 64
    let bytes = try isSmall ? PNGWriter.encode(image) : writer.encode(image)
    return """
      <figure class="picture"><img\(isSmall ? " class=\"small\"" : "" as Markup) \
      src="data:image/\(isSmall ? "png" : "jpeg" as Markup);base64,\
      \(Data(bytes).base64EncodedString())" width="\(image.width)" height="\(image.height)" \
      alt="\(picture.path)"/><div>\(picture.caption)</div>\
      <div class="name" title="\(picture.path)">\(picture.path)</div></figure>
      """
  }

  private func card(_ histogram: Histogram) -> Markup {
    let largest = max(1, histogram.bars.map(\.count).max() ?? 0)
    let total = max(1, histogram.bars.reduce(0) { $0 + $1.count })
    let rows = histogram.bars.map { bar -> Markup in
      let share = Double(bar.count) / Double(largest)
      return """
        <span class="label">\(bar.name)</span><span class="track">\
        <span class="fill" style="width:\(at: 100 * share)%;--p:\(at: share)"></span></span>\
        <span class="num">\(grouped(bar.count))</span>\
        <span class="count">\(percent(Double(bar.count) / Double(total)))</span>

        """
    }
    return """
      <div class="card"><h3>\(histogram.label)</h3><div class="bars">\(rows)</div></div>

      """
  }
}
