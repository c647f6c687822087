import Experiment
import Images
import Reports
import Store
import Terminal

extension Audit {
  private static let mostPerKind = 24
  /// A page of more pixels would be too large to open.
  private static let mostPixels = 12_000_000
  private static let mostBars = 24

  /// The findings as a page with thumbnails from the stores.
  ///
  /// - Throws: `StoreError` where a sample is damaged; `ImageEncodingError`.
  package func page() throws -> String {
    let size = samples.parts.map(\.split.layout.size).max() ?? 1
    let kinds = Set(findings.map(\.kind)).count
    // Pictures come in pairs.
    let shown = max(1, min(Self.mostPerKind, Self.mostPixels / (2 * size * size * max(1, kinds))))
    return try AuditPage(
      title: "Audit of \(lastComponent(storePath))",
      subtitle: "\(grouped(sampleCount)) samples, \(grouped(findings.count)) findings",
      kinds: FindingKind.allCases.filter(self.kinds.contains).map { kind in
        let places = findings.indices.filter { findings[$0].kind == kind }
        return AuditPage.Kind(
          name: kind.title, explanation: kind.explanation, count: places.count,
          findings: try places.prefix(shown).map(pageFinding))
      },
      histograms: labels.columns.indices.map(histogram)
    ).text()
  }

  private func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private func pageFinding(_ place: Int) throws -> AuditPage.Finding {
    let finding = findings[place]
    let pictures = try [
      (numbers[place].sample, finding.sample), (numbers[place].other, finding.other),
    ]
    .compactMap { number, place -> AuditPage.Picture? in
      guard let number, let place else { return nil }
      let (planes, size) = try samples.pixels(of: number)
      let text = number < sampleCount ? labels.text(of: labels.row(of: number)) : "other store"
      return AuditPage.Picture(
        image: planes.withUnsafeBufferPointer { RGBImage(planes: $0, size: size) },
        path: place.path, caption: "\(place.split): \(text)")
    }
    let note = finding.note.isEmpty ? "" : ", \(finding.note)"
    return AuditPage.Finding(pictures: pictures, text: finding.scoreText + note)
  }

  /// How often each class, or each of at most 12 ranges of a number, occurs.
  private func histogram(_ column: Int) -> AuditPage.Histogram {
    let description = labels.columns[column]
    let values = samples.ownParts.indices.flatMap {
      labels.values(ofColumn: column, part: $0).floats
    }
    let known = values.filter { !$0.isNaN }
    var bars: [(name: String, count: Int)] = []
    if description.kind == .class {
      var counts: [Int: Int] = [:]
      for number in description.classNames.indices { counts[number] = 0 }
      for value in known { counts[Int(exactly: value) ?? 0, default: 0] += 1 }
      bars = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
        (description.text(of: .unsigned(UInt64(max(0, $0.key)))), $0.value)
      }
      let rest = bars.dropFirst(Self.mostBars)
      if !rest.isEmpty {
        bars =
          bars.prefix(Self.mostBars) + [("\(rest.count) more", rest.reduce(0) { $0 + $1.count })]
      }
    } else if let least = known.min(), let most = known.max() {
      let step = max(
        (Double(most) - Double(least)) / 12, description.element == .float32 ? 1e-9 : 1)
      var counts = [Int](repeating: 0, count: 12)
      for value in known { counts[min(11, Int((Double(value) - Double(least)) / step))] += 1 }
      bars = counts.indices.map {
        ("from \(fixed(Double(least) + Double($0) * step, 1))", counts[$0])
      }
      bars.removeLast(bars.reversed().prefix { $0.count == 0 }.count)
    }
    if known.count < values.count { bars.append(("missing", values.count - known.count)) }
    return AuditPage.Histogram(label: description.name, bars: bars)
  }
}

extension FindingKind {
  /// The kind in words.
  package var title: String { rawValue.replacing("_", with: " ") }
}

extension Finding {
  /// The score as tables show it.
  package var scoreText: String { kind == .smallClass ? "\(Int(score))" : fixed(score, 2) }
}
