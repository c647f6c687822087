import Experiment
import Foundation

/// A chart of figures over epochs, drawn as SVG that needs no script: the values at an epoch show
/// when the pointer is over it.
struct LineChart {
  struct Series {
    let name: String
    /// The number of a color of the page's palette, or a name of the style sheet's.
    let color: String
    var isBold = true
    var isDashed = false
    /// An epoch of this series with a dot, such as its best.
    var mark: Int?
    /// Finite values, in ascending order of the epoch.
    let points: [(epoch: Int, value: Double)]
  }

  let title: String
  let series: [Series]
  /// How values are written.
  var style = FigureName.Style.plain
  /// Takes a logarithmic scale where values span two decades: for losses. A learning rate's last
  /// steps toward zero would fill such a chart with nothing.
  var mayBeLogarithmic = false
  /// The epoch under the dashed line.
  var best: Int?

  // In the drawing's own units, which the page scales to the card's width.
  private static let width = 400.0
  private static let height = 196.0
  private static let left = 44.0
  private static let right = 10.0
  private static let top = 8.0
  private static let bottom = 24.0
  /// With more epochs, several share a place for the pointer.
  private static let mostPlaces = 120

  /// A card with title, legend and drawing; nil where there is nothing to draw.
  func card() -> Markup? {
    let drawn = series.filter { !$0.points.isEmpty }
    guard !drawn.isEmpty else { return nil }
    let legend = drawn.map { series -> Markup in
      "<span class=\"key\"><i style=\"--c:\(color(series))\"\(series.isDashed ? " class=\"dash\"" : "" as Markup)></i>\(series.name)</span>"
    }
    return """
      <figure class="card chart"><figcaption><b>\(title)</b><span class="keys">\(legend)</span></figcaption>
      \(drawing(drawn))</figure>

      """
  }

  private func color(_ series: Series) -> Markup {
    Int(series.color) == nil ? "var(--\(series.color))" : "var(--c\(series.color))"
  }

  private func drawing(_ series: [Series]) -> Markup {
    let values = series.flatMap { $0.points.map(\.value) }
    let epochs = Set(series.flatMap { $0.points.map(\.epoch) }).sorted()
    let logarithmic = mayBeLogarithmic ? AxisTicks.logarithmic(covering: values) : nil
    let scale = Scale(
      ticks: logarithmic ?? AxisTicks(covering: values), isLogarithmic: logarithmic != nil,
      epochs: epochs[0]...epochs[epochs.count - 1])
    var svg: Markup = """
      <svg viewBox="0 0 \(at: Self.width) \(at: Self.height)" role="img" aria-label="\(title)">
      """
    svg += axes(scale)
    if let best, scale.epochs.contains(best) {
      svg += """
        <line class="best" x1="\(at: scale.x(best))" x2="\(at: scale.x(best))" y1="\(at: Self.top)" \
        y2="\(at: Self.height - Self.bottom)"/>
        """
    }
    for one in series { svg += line(one, scale) }
    svg += places(epochs, series, scale)
    svg += "</svg>"
    return svg
  }

  /// Maps epochs and values to the drawing.
  private struct Scale {
    let ticks: AxisTicks
    let isLogarithmic: Bool
    let epochs: ClosedRange<Int>

    func x(_ epoch: Int) -> Double {
      let span = Double(epochs.upperBound - epochs.lowerBound)
      let inner = LineChart.width - LineChart.left - LineChart.right
      guard span > 0 else { return LineChart.left + inner / 2 }
      return LineChart.left + inner * Double(epoch - epochs.lowerBound) / span
    }

    func y(_ value: Double) -> Double {
      let inner = LineChart.height - LineChart.top - LineChart.bottom
      let low = isLogarithmic ? log10(ticks.range.lowerBound) : ticks.range.lowerBound
      let high = isLogarithmic ? log10(ticks.range.upperBound) : ticks.range.upperBound
      let place = isLogarithmic ? log10(value) : value
      return LineChart.top + inner * (1 - (place - low) / (high - low))
    }
  }

  private func axes(_ scale: Scale) -> Markup {
    var svg: Markup = "<g class=\"axis\">"
    for tick in scale.ticks.values {
      let y = scale.y(tick)
      svg += """
        <line x1="\(at: Self.left)" x2="\(at: Self.width - Self.right)" y1="\(at: y)" y2="\(at: y)"/>\
        <text x="\(at: Self.left - 7)" y="\(at: y + 3.5)" text-anchor="end">\(tickText(tick))</text>
        """
    }
    for epoch in AxisTicks.whole(from: scale.epochs.lowerBound, through: scale.epochs.upperBound) {
      svg += """
        <text x="\(at: scale.x(epoch))" y="\(at: Self.height - 8)" text-anchor="middle">\(epoch)</text>
        """
    }
    svg += "</g>"
    return svg
  }

  private func text(_ value: Double) -> String {
    style == .share ? NumberText.share(value) : NumberText.significant(value)
  }

  /// As few digits as the steps between ticks need.
  private func tickText(_ tick: Double) -> String {
    if style == .share { return String(format: "%.6g", 100 * tick) + "\u{202F}%" }
    if abs(tick) >= 1e5 || (tick != 0 && abs(tick) < 1e-3) { return String(format: "%.2g", tick) }
    return String(format: "%.6g", tick)
  }

  private func line(_ series: Series, _ scale: Scale) -> Markup {
    let points = series.points.map { (scale.x($0.epoch), scale.y($0.value)) }
    var svg: Markup = ""
    if points.count > 1 {
      let path = points.enumerated().map { index, point -> Markup in
        "\(index == 0 ? "M" : "L")\(at: point.0) \(at: point.1)"
      }
      let kind = (series.isBold ? " bold" : "") + (series.isDashed ? " dash" : "")
      svg += "<path class=\"line\(kind)\" style=\"--c:\(color(series))\" d=\"\(path)\"/>"
    }
    let marked = series.points.first { $0.epoch == series.mark }
    if let dot = marked ?? (points.count == 1 ? series.points[0] : nil) {
      svg += """
        <circle class="dot" style="--c:\(color(series))" cx="\(at: scale.x(dot.epoch))" \
        cy="\(at: scale.y(dot.value))" r="4"/>
        """
    }
    return svg
  }

  /// Invisible bands, one an epoch, that show its values under the pointer.
  private func places(_ epochs: [Int], _ series: [Series], _ scale: Scale) -> Markup {
    let every = (epochs.count + Self.mostPlaces - 1) / Self.mostPlaces
    let shown = epochs.enumerated().filter { $0.offset % every == 0 }.map(\.element)
    var svg: Markup = ""
    for (index, epoch) in shown.enumerated() {
      let x = scale.x(epoch)
      let from = index == 0 ? Self.left - 6 : (scale.x(shown[index - 1]) + x) / 2
      let to =
        index == shown.count - 1 ? Self.width - Self.right + 6 : (scale.x(shown[index + 1]) + x) / 2
      let here = series.compactMap { one in
        one.points.first { $0.epoch == epoch }.map { (one, $0.value) }
      }
      svg += """
        <g class="place"><rect x="\(at: from)" y="0" width="\(at: to - from)" height="\(at: Self.height)"/>\
        <g class="tip"><line x1="\(at: x)" x2="\(at: x)" y1="\(at: Self.top)" y2="\(at: Self.height - Self.bottom)"/>
        """
      for (one, value) in here {
        svg += """
          <circle style="--c:\(color(one))" cx="\(at: x)" cy="\(at: scale.y(value))" r="3.5"/>
          """
      }
      svg += tip(epoch, here, x)
      svg += "</g></g>"
    }
    return svg
  }

  private func tip(_ epoch: Int, _ values: [(Series, Double)], _ x: Double) -> Markup {
    let head = "epoch \(epoch)" + (epoch == best ? " · best" : "")
    let rows = values.map { ($0.0.name, text($0.1), color($0.0)) }
    let letters = ([head.count] + rows.map { min($0.0.count, 28) + $0.1.count + 4 }).max() ?? 0
    let width = 6 * Double(letters) + 18
    let height = 16 * Double(rows.count + 1) + 10
    let left = x + 10 + width > Self.width ? x - 10 - width : x + 10
    var svg: Markup = """
      <g transform="translate(\(at: max(0, left)) \(at: Self.top))">\
      <rect class="box" width="\(at: width)" height="\(at: height)" rx="6"/>\
      <text x="9" y="17" class="head">\(head)</text>
      """
    for (index, row) in rows.enumerated() {
      let y = 17 + 16 * Double(index + 1)
      let name = row.0.count > 28 ? String(row.0.prefix(27)) + "…" : row.0
      svg += """
        <circle style="--c:\(row.2)" cx="13" cy="\(at: y - 4)" r="3.5"/>\
        <text x="22" y="\(at: y)">\(name)</text>\
        <text x="\(at: width - 9)" y="\(at: y)" text-anchor="end">\(row.1)</text>
        """
    }
    svg += "</g>"
    return svg
  }
}

/// A small line without axes, beside a number.
struct Sparkline {
  let values: [Double]

  func drawing() -> Markup {
    guard values.count > 1, let low = values.min(), let high = values.max() else { return "" }
    let points = values.enumerated().map { index, value -> Markup in
      let x = 2 + 96 * Double(index) / Double(values.count - 1)
      let y = high > low ? 26 - 22 * (value - low) / (high - low) : 15
      return "\(index == 0 ? "M" : "L")\(at: x) \(at: y)"
    }
    return """
      <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">\
      <path d="\(points)"/></svg>
      """
  }
}
