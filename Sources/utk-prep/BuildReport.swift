import Experiment
import Faces
import Store
import StoreBuilding
import Terminal

/// The summary of a build for people.
struct BuildReport {
  private let summary: BuildSummary
  private let options: BuildOptions

  init(_ summary: BuildSummary, _ options: BuildOptions) {
    self.summary = summary
    self.options = options
  }

  func lines() -> [String] {
    var lines: [String] = []
    func add(_ label: String, _ text: String) { lines += labeledLines(label, text) }
    lines.append(
      summary.isUnchanged
        ? "\(summary.output): unchanged, built from these files and options before"
        : "\(summary.output): built in \(durationText(seconds: summary.seconds)), "
          + "\(grouped(Int(summary.imagesPerSecond))) images/s")
    for notice in summary.notices { add("notice", notice) }
    add("found", "\(grouped(summary.found)) images" + ignored)
    add("accepted", "\(grouped(summary.accepted))" + irregular)
    add("rejected", rejected)
    add("duplicates", duplicates)
    if let nearDuplicates { add("", nearDuplicates) }
    if let column = summary.groupColumn {
      add("groups", "\(grouped(summary.groupCount)) by \(column), each in one split")
    }
    for split in summary.splits { add(split.name, "\(grouped(split.samples)) images") }
    add(
      "pixels",
      "3 × \(options.layout.size) × \(options.layout.size), \(options.layout.codec.rawValue) codec")
    add("size", size)
    if summary.resumedSamples > 0, !summary.isUnchanged {
      add("resumed", "\(grouped(summary.resumedSamples)) images were finished by an earlier run")
    }
    if summary.reusedSamples > 0 {
      add("reused", "\(grouped(summary.reusedSamples)) images were copied from a store")
    }
    if let moves = summary.moves {
      add(
        "moved",
        "\(grouped(moves.moved)) of the \(grouped(moves.known)) images that the earlier store has "
          + "too are in another split now")
    }
    if let path = summary.rejectsPath, summary.rejectedCount > 0 {
      add("rejects", "listed in \(path)")
    }
    if let columns = summary.guessedColumns {
      lines += guessLines(columns)
    }
    return lines
  }

  private var ignored: String {
    summary.ignored.count == 0
      ? "" : ", \(grouped(summary.ignored.count)) other files ignored (\(summary.ignored))"
  }

  private var irregular: String {
    summary.irregularNames == 0
      ? "" : ", \(grouped(summary.irregularNames)) of them with an irregular timestamp"
  }

  private var rejected: String {
    let reasons = RejectReason.allCases.compactMap { reason in
      summary.rejected[reason].map { "\(reason.title) \(grouped($0))" }
    }
    return grouped(summary.rejectedCount)
      + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
  }

  private var duplicates: String {
    let found = summary.duplicates
    guard found.groups > 0 else { return "none" }
    let fate =
      switch options.split.duplicates {
      case .together: "each group on one side of the split"
      case .first: "the first of each group kept, \(grouped(summary.leftOut)) left out"
      case .drop: "all \(grouped(summary.leftOut)) left out"
      case .ignore: "split apart as if they were not: validation is not independent"
      }
    return
      "\(grouped(found.groups)) \(found.groups == 1 ? "group" : "groups") of byte-identical files (\(grouped(found.files)) files), "
      + "\(grouped(found.conflictingGroups)) with conflicting labels; \(fate)"
  }

  private var nearDuplicates: String? {
    let found = summary.nearDuplicates
    guard found.groups > 0 else { return nil }
    return
      "\(grouped(found.photographs)) images are nearly equal to others, in \(grouped(found.groups)) "
      + "groups, \(grouped(found.conflictingGroups)) with conflicting labels; each group on one "
      + "side of the split"
  }

  private var size: String {
    let store = Double(max(1, summary.storeByteCount))
    func compared(_ name: String, _ byteCount: Int) -> String {
      let ratio = Double(byteCount) / store
      let factor =
        ratio >= 1
        ? "\(fixed(ratio, 2)) times smaller" : "\(fixed(1 / max(ratio, 1e-9), 2)) times larger"
      return "\(factor) than the \(name) (\(byteText(byteCount)))"
    }
    return "\(byteText(summary.storeByteCount)): \(compared("raw pixels", summary.rawByteCount)), "
      + compared("source files", summary.sourceByteCount)
  }
}
