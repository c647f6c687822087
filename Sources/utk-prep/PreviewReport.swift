import Faces
import Store
import StoreBuilding
import Terminal

/// What a build would do, for people and machines.
struct PreviewReport {
  private let preview: BuildPreview
  private let options: BuildOptions

  init(_ preview: BuildPreview, _ options: BuildOptions) {
    self.preview = preview
    self.options = options
  }

  func lines() -> [String] {
    let would = preview.taken > 0 ? "would be built" : "could not be built"
    var lines = ["\(visible(preview.output)): \(would); nothing was written"]
    func add(_ label: String, _ text: String) { lines += labeledLines(label, text) }
    add("output", state)
    if preview.isBegun {
      add("", "an unfinished build is there; its images are taken over where they fit")
    }
    for notice in preview.notices { add("notice", notice) }
    let ignored = preview.ignored
    add(
      "found",
      "\(grouped(preview.found)) images"
        + (ignored.count == 0 ? "" : ", \(grouped(ignored.count)) other files ignored (\(ignored))")
    )
    add(
      "accepted",
      "\(grouped(preview.accepted)) by name and labels; the images themselves were not opened")
    if preview.irregularNames > 0 {
      add("", "\(grouped(preview.irregularNames)) of them with an irregular timestamp")
    }
    let reasons = RejectReason.allCases.compactMap { reason in
      preview.rejected[reason].map { "\(reason.title) \(grouped($0))" }
    }
    add(
      "rejected",
      grouped(preview.rejectedCount)
        + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"))
    for reject in preview.firstRejects { add("", "\(reject.path): \(reject.message)") }
    if preview.leftOut > 0 { add("left out", grouped(preview.leftOut)) }
    for labels in preview.labels { add(labels.column.name, text(labels)) }
    for split in preview.splits {
      add(split.name, "\(preview.isSplitExact ? "" : "about ")\(grouped(split.samples)) images")
    }
    add(
      "disk",
      "at most about \(byteText(preview.rawByteCount)), and twice that while it is built"
        + (preview.freeByteCount.map { "; \(byteText($0)) are free" } ?? ""))
    if preview.freeByteCount.map({ $0 < preview.neededByteCount }) ?? false {
      add("", "the disk may be too small")
    }
    if let columns = preview.guessedColumns {
      lines += guessLines(columns)
    }
    return lines
  }

  private var state: String {
    switch preview.outputState {
    case .free: "free"
    case .sameRecipe:
      "a store of the same recipe is there: it stays if the images are the same"
        + (options.force ? ", and is replaced if not" : "; if not, --force is needed")
    case .replaced: "another store is there, and is replaced"
    case .needsForce: "another store is there; --force is needed to replace it"
    }
  }

  private func text(_ labels: BuildPreview.Labels) -> String {
    let column = labels.column
    var parts: [String] = []
    if !labels.counts.isEmpty {
      parts = zip(column.classNames, labels.counts).prefix(20).map { "\($0) \(grouped($1))" }
      if labels.counts.count > 20 { parts.append("… \(labels.counts.count) classes") }
    } else if column.kind == .number, let range = labels.range {
      let ends = [range.lowerBound, range.upperBound].map { value in
        Int(exactly: value).map { "\($0)" }
          ?? (column.element == .float32 ? "\(Float(value))" : "\(value)")
      }
      parts.append(ends.joined(separator: " to "))
    }
    if labels.missing > 0 { parts.append("\(grouped(labels.missing)) missing") }
    return parts.isEmpty ? column.role.rawValue : parts.joined(separator: ", ")
  }

  var json: JSONValue {
    var reasons: [String: JSONValue] = [:]
    for (reason, count) in preview.rejected { reasons[reason.rawValue] = .integer(count) }
    var labels: [String: JSONValue] = [:]
    for entry in preview.labels {
      var members: [String: JSONValue] = ["missing": .integer(entry.missing)]
      if !entry.counts.isEmpty {
        members["classes"] = .object(
          Dictionary(
            zip(entry.column.classNames, entry.counts.map { .integer($0) }),
            uniquingKeysWith: { first, _ in first }))
      } else if entry.column.kind == .number, let range = entry.range {
        members["range"] = [.number(range.lowerBound), .number(range.upperBound)]
      }
      labels[entry.column.name] = .object(members)
    }
    return .object([
      "dry_run": true, "output": .string(preview.output),
      "output_state": .string(preview.outputState.rawValue),
      "unfinished_build": .bool(preview.isBegun), "found": .integer(preview.found),
      "ignored": .integer(preview.ignored.count),
      "ignored_kinds": .object(preview.ignored.kinds.mapValues { .integer($0) }),
      "accepted": .integer(preview.accepted),
      "irregular_timestamps": .integer(preview.irregularNames),
      "rejected": .object(reasons), "rejected_total": .integer(preview.rejectedCount),
      "first_rejects": .array(
        preview.firstRejects.map { ["path": .string($0.path), "message": .string($0.message)] }),
      "left_out": .integer(preview.leftOut), "labels": .object(labels),
      "splits": .object(
        Dictionary(
          preview.splits.map { ($0.name, .integer($0.samples)) }, uniquingKeysWith: { a, _ in a })),
      "splits_exact": .bool(preview.isSplitExact), "raw_bytes": .integer(preview.rawByteCount),
      "needed_bytes": .integer(preview.neededByteCount),
      "free_bytes": preview.freeByteCount.map { .integer($0) } ?? .null,
      "guessed_columns": preview.guessedColumns.map { .string($0) } ?? .null,
      "notices": .array(preview.notices.map { .string($0) }),
    ])
  }
}
