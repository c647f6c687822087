import Network
import Terminal

/// What every layer of a training step costs in every pass, and what its time is compared with.
package struct LayerTable: Encodable, Sendable {
  package struct Row: Encodable, Sendable {
    package enum Bound: String, Encodable, Sendable { case products, memory }

    package var layer: String
    package var pass: String
    package var milliseconds: Double
    /// 10⁹ floating-point operations of the products that run.
    package var gigaflop: Double
    package var megabytesRead: Double
    package var megabytesWritten: Double
    package var shareOfPeak: Double
    package var shareOfBandwidth: Double
    /// Which of the two is the larger share.
    package var bound: Bound

    enum CodingKeys: String, CodingKey {
      case layer, pass, milliseconds, bound
      case gigaflop = "gflop"
      case megabytesRead = "megabytes_read"
      case megabytesWritten = "megabytes_written"
      case shareOfPeak = "share_of_peak"
      case shareOfBandwidth = "share_of_bandwidth"
    }

    init(_ rows: [LayerBenchmark.Row], layer: String, pass: String, peak: Double, bandwidth: Double)
    {
      self.layer = layer
      self.pass = pass
      let seconds = rows.reduce(0) { $0 + $1.seconds }
      milliseconds = seconds * 1e3
      gigaflop = rows.reduce(0) { $0 + $1.cost.flops } * 1e-9
      megabytesRead = Double(rows.reduce(0) { $0 + $1.cost.bytesRead }) * 1e-6
      megabytesWritten = Double(rows.reduce(0) { $0 + $1.cost.bytesWritten }) * 1e-6
      shareOfPeak = gigaflop / seconds / peak
      shareOfBandwidth = (megabytesRead + megabytesWritten) * 1e-3 / seconds / bandwidth
      bound = shareOfPeak > shareOfBandwidth ? .products : .memory
    }
  }

  /// In the order in which a step comes to them first.
  package var rows: [Row]
  /// All layers of a pass together.
  package var passes: [Row]
  package var millisecondsBetween: Double
  package var stepMilliseconds: Double
  package var gemmPeak: Double
  /// 10⁹ bytes a second.
  package var memoryBandwidth: Double

  enum CodingKeys: String, CodingKey {
    case rows, passes
    case millisecondsBetween = "milliseconds_between_regions"
    case stepMilliseconds = "step_milliseconds"
    case gemmPeak = "gemm_peak_gflops"
    case memoryBandwidth = "memory_bandwidth_gbytes"
  }

  package init(_ report: LayerBenchmark.Report) {
    func row(_ rows: [LayerBenchmark.Row], _ layer: String, _ pass: WorkPass) -> Row {
      Row(
        rows, layer: layer, pass: pass.rawValue, peak: report.peakGigaflops,
        bandwidth: report.bandwidth)
    }
    rows = report.rows.map { row([$0], $0.label.layer, $0.label.pass) }
    passes = WorkPass.allCases.compactMap { pass in
      let own = report.rows.filter { $0.label.pass == pass }
      return own.isEmpty ? nil : row(own, "all", pass)
    }
    millisecondsBetween = report.secondsBetween * 1e3
    stepMilliseconds = report.stepSeconds * 1e3
    gemmPeak = report.peakGigaflops
    memoryBandwidth = report.bandwidth
  }
}

extension LayerTable {
  /// Rows with less of the time than this share are one line.
  private static let smallest = 0.005

  /// For a person: the passes, then the layers, the longest first.
  package func lines(columns: Int = .max) -> [String] {
    let sum = rows.reduce(millisecondsBetween) { $0 + $1.milliseconds }
    let sorted = rows.sorted { $0.milliseconds > $1.milliseconds }
    let shown = sorted.filter { $0.milliseconds >= LayerTable.smallest * sum }
    let rest = sorted.dropFirst(shown.count).reduce(0) { $0 + $1.milliseconds }
    return [
      "layers  peak \(fixed(gemmPeak, 1)) GFLOP/s, memory \(fixed(memoryBandwidth, 1)) GB/s; "
        + "a step takes \(fixed(stepMilliseconds, 2)) ms, its loops alone, one after another, "
        + "\(fixed(sum, 2)) ms",
      "",
    ]
      + table(
        "pass", passes.sorted { $0.milliseconds > $1.milliseconds }, name: \.pass, of: sum,
        others: [("between regions, one thread", millisecondsBetween)]
      ).lines(columns: columns) + [""]
      + table(
        "layer and pass", shown, name: { "\($0.layer) \($0.pass)" }, of: sum,
        others: [("\(rows.count - shown.count) shorter ones", rest)]
      ).lines(columns: columns)
  }

  private func table(
    _ title: String, _ rows: [Row], name: (Row) -> String, of sum: Double,
    others: [(name: String, milliseconds: Double)]
  ) -> TextTable {
    var table = TextTable(
      header: [
        title, "ms", "share", "GFLOP", "MB read", "written", "of peak", "of memory", "bound by",
      ],
      alignment: [.left, .right, .right, .right, .right, .right, .right, .right, .left])
    for row in rows {
      table.append([
        name(row), fixed(row.milliseconds, 2), percent(row.milliseconds / sum),
        row.gigaflop > 0 ? fixed(row.gigaflop, 2) : "", fixed(row.megabytesRead, 1),
        fixed(row.megabytesWritten, 1), row.gigaflop > 0 ? percent(row.shareOfPeak) : "",
        percent(row.shareOfBandwidth), row.bound.rawValue,
      ])
    }
    for (name, milliseconds) in others {
      table.append(
        [name, fixed(milliseconds, 2), percent(milliseconds / sum)]
          + [String](repeating: "", count: 6))
    }
    return table
  }
}
