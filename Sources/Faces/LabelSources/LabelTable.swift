import Checksums
import Experiment
import Files

/// Labels from a CSV or JSON Lines file.
package struct LabelTable: LabelSource {
  private let index: LabelIndex
  private let codings: [LabelCoding]
  private let sources: [LabelFileColumn]
  private let unlisted: LabelSettings.Unlisted
  package let columns: [Column]
  package let identity: String
  package let guess: String?
  package let notices: [String]

  /// - Throws: `FileError` where the file is not such a table; `ColumnError` for columns that cannot
  ///   be.
  package init(_ path: String, _ settings: LabelSettings, spool: Spool) throws {
    let file = try LabelFile(path)
    index = try LabelIndex(
      file, pathColumn: settings.pathColumn, dropsTop: settings.dropsTop, spool: spool)
    unlisted = settings.unlisted
    var notices: [String] = []
    var described = settings.columns
    if described.isEmpty {
      let guess = try ColumnGuess(
        file, except: file.pathColumn(settings.pathColumn), group: settings.groupColumn)
      described = guess.columns
      notices += guess.notices
      self.guess = ColumnSettings.section(described)
    } else {
      guess = nil
    }
    codings = try described.map { try LabelCoding($0) }
    sources = try described.map { try file.column($0.source) }
    columns = codings.map(\.column)
    let pathColumn = try file.pathColumn(settings.pathColumn).name
    let ignored = file.names.filter { name in
      name != pathColumn && !described.contains { $0.source == name }
    }
    if !settings.columns.isEmpty, !ignored.isEmpty {
      notices.append(
        "\(path) has \(ignored.count) columns that columns: does not name: "
          + ignored.prefix(10).joined(separator: ", ") + (ignored.count > 10 ? ", …" : ""))
    }
    if index.recordCount > index.pathCount {
      notices.append(
        "\(path) names \(index.recordCount - index.pathCount) paths again; where the labels differ, "
          + "the image is rejected")
    }
    if index.emptyCount > 0 {
      notices.append("\(path) has \(index.emptyCount) rows without a path, which are passed over")
    }
    self.notices = notices
    identity =
      "table \(try file.digest()) by \(pathColumn), unlisted \(unlisted.rawValue)\n"
      + ColumnSettings.section(described)
  }

  package func labels(of path: UnsafeBufferPointer<UInt8>) throws -> Result<LabelRow, NameReject> {
    let records = try index.records(of: path)
    guard let first = records.first else {
      guard unlisted == .reject else {
        return .success(LabelRow(columns.map { _ in nil }, of: columns))
      }
      return .failure(
        NameReject(
          reason: .unlisted,
          description: "\(index.file.path) has no row for this path; expected its path below the "
            + "source"))
    }
    let row = row(first)
    for other in records.dropFirst() where self.row(other) != row {
      return .failure(
        NameReject(
          reason: .conflictingRows,
          description: "lines \(first.line) and \(other.line) of \(index.file.path) have different "
            + "labels for this path"))
    }
    return row
  }

  private func row(_ record: LabelRecord) -> Result<LabelRow, NameReject> {
    var values: [ColumnValue?] = []
    for (coding, source) in zip(codings, sources) {
      switch coding.value(of: record.text(source)) {
      case .success(let value): values.append(value)
      case .failure(let reject):
        return .failure(reject.at("line \(record.line) of \(index.file.path)"))
      }
    }
    return .success(LabelRow(values, of: columns))
  }

  package func notices(about paths: LabelPaths) throws -> [String] {
    let count = try index.unusedCount(paths)
    return count == 0
      ? []
      : [
        "\(count) of the \(index.pathCount) paths in \(index.file.path) are not among the images"
      ]
  }
}

extension NameReject {
  /// The same with the place where it was found.
  func at(_ place: String) -> NameReject {
    NameReject(reason: reason, description: "\(place): \(description)")
  }
}
