import Metrics
import Terminal

/// How often a head is right, by how sure it says it is: bars on the dashed line are calibrated,
/// below it the head is too sure of itself. The darker a bar, the more samples it stands for.
struct ReliabilityDiagram {
  let task: String
  let table: ReliabilityTable

  private static let side = 280.0
  private static let left = 42.0
  private static let bottom = 34.0
  private static let top = 8.0

  private static func x(_ share: Double) -> Double { left + share * side }
  private static func y(_ share: Double) -> Double { top + (1 - share) * side }

  func card() -> Markup {
    let most = table.bins.map(\.count).max() ?? 0
    let bars = table.bins.enumerated().filter { $1.count > 0 }.map { place, bin -> Markup in
      let (low, high) = (bound(place), bound(place + 1))
      let strength = 0.25 + 0.75 * Double(bin.count) / Double(max(1, most))
      return """
        <rect x="\(at: Self.x(low) + 1)" y="\(at: Self.y(bin.accuracy))" \
        width="\(at: Self.side / Double(ReliabilityTable.binCount) - 2)" \
        height="\(at: max(1, Self.side * bin.accuracy))" style="fill:var(--accent);opacity:\(at: strength)">\
        <title>\(NumberText.share(low)) to \(NumberText.share(high)) sure: right \
        \(NumberText.share(bin.accuracy)), mean \(NumberText.share(bin.confidence)), \
        n = \(grouped(bin.count))</title></rect>
        """
    }
    let ticks = [0, 0.25, 0.5, 0.75, 1].map { tick -> Markup in
      """
      <line x1="\(at: Self.left)" x2="\(at: Self.x(1))" y1="\(at: Self.y(tick))" y2="\(at: Self.y(tick))"/>\
      <text x="\(at: Self.left - 7)" y="\(at: Self.y(tick) + 3.5)" text-anchor="end">\(NumberText.share(tick))</text>\
      <text x="\(at: Self.x(tick))" y="\(at: Self.y(0) + 16)" text-anchor="middle">\(NumberText.share(tick))</text>
      """
    }
    let (width, height) = (Self.x(1) + 16, Self.y(0) + Self.bottom)
    return """
      <figure class="card chart"><figcaption><b>Calibration of \(task)</b><span class="keys">\
      <span class="key">calibration error \(NumberText.share(table.expectedCalibrationError))</span>\
      </span></figcaption>
      <svg viewBox="0 0 \(at: width) \(at: height)" style="max-width:420px" role="img" \
      aria-label="Calibration of \(task)"><g class="axis">\(ticks)</g>\(bars)\
      <line class="best" x1="\(at: Self.x(0))" y1="\(at: Self.y(0))" x2="\(at: Self.x(1))" \
      y2="\(at: Self.y(1))"/><g class="axis"><text x="\(at: Self.x(0.5))" y="\(at: height - 3)" \
      text-anchor="middle">how sure, against how often right</text></g></svg></figure>

      """
  }

  private func bound(_ place: Int) -> Double {
    Double(place) / Double(ReliabilityTable.binCount)
  }
}
