import StoreBuilding
import Terminal

/// The summary of a part for people.
struct PartReport {
  let summary: PartSummary

  init(_ summary: PartSummary) { self.summary = summary }

  func lines() -> [String] {
    let part = "part \(summary.part.number) of \(summary.part.count)"
    var lines = [
      summary.isUnchanged
        ? "\(summary.folder): unchanged, \(part) of these files and options"
        : "\(summary.folder): \(part) gathered in \(durationText(seconds: summary.seconds))"
    ]
    func add(_ label: String, _ text: String) { lines += labeledLines(label, text) }
    for notice in summary.notices { add("notice", notice) }
    let ignored = summary.ignored
    add(
      "found",
      "\(grouped(summary.found)) of the source's \(grouped(summary.sourceFound)) images"
        + (ignored.count == 0 ? "" : ", \(grouped(ignored.count)) other files ignored (\(ignored))")
    )
    add("rejected", grouped(summary.rejected))
    if summary.resumedSamples > 0 {
      add("resumed", "\(grouped(summary.resumedSamples)) images were finished by an earlier run")
    }
    if summary.reusedSamples > 0 {
      add("reused", "\(grouped(summary.reusedSamples)) images were copied from a store")
    }
    return lines.map { visible($0) }
  }
}
