import Terminal

extension Audit {
  /// A table of the samples whose labels are in doubt, with the labels that they have: someone
  /// changes the wrong ones, and `build --fix-labels` reads it.
  package func fixesTemplate() -> String {
    var lines = [(["path"] + labels.columns.map(\.name)).joined(separator: ",")]
    var seen: Set<Int> = []
    for (finding, number) in zip(findings, numbers) {
      guard finding.kind.doubtsLabel, let sample = number.sample,
        let path = finding.sample?.path, seen.insert(sample).inserted
      else { continue }
      let texts = zip(labels.columns, labels.row(of: sample)).map { column, value in
        value == nil ? "" : column.text(of: value)
      }
      lines.append(([path] + texts).map(csvField).joined(separator: ","))
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
