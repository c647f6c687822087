import Terminal

extension EvaluationDetails {
  /// A page of more pixels would be too large to open.
  static let largestPixelCount = 16_000_000

  /// - Throws: `RunReportError` where parts do not fit together.
  func check() throws {
    for confusion in confusions {
      let size = confusion.classes.count
      guard size > 0, confusion.counts.count == size,
        confusion.counts.allSatisfy({ $0.count == size && $0.allSatisfy { $0 >= 0 } })
      else {
        throw RunReportError(
          "the confusion matrix of \(quoted(confusion.task)) is not \(size) × \(size) counts, as its "
            + "classes ask")
      }
    }
    if let groups {
      for row in groups.rows
      where row.labels.count != groups.names.count || row.errors.count != groups.columns.count {
        throw RunReportError(
          "group \(quoted(row.labels.joined(separator: " "))) has \(row.labels.count) labels and "
            + "\(row.errors.count) errors, expected \(groups.names.count) and "
            + "\(groups.columns.count)")
      }
    }
    var pixelCount = 0
    for picture in pictures.flatMap(\.pictures) {
      guard (1...4096).contains(picture.width), (1...4096).contains(picture.height),
        picture.rgb.count == 3 * picture.width * picture.height
      else {
        throw RunReportError(
          "picture \(quoted(picture.name)) has \(picture.rgb.count) bytes, expected 3 × "
            + "\(picture.width) × \(picture.height)")
      }
      pixelCount += picture.width * picture.height
    }
    guard pixelCount <= Self.largestPixelCount else {
      throw RunReportError(
        "the pictures have \(pixelCount) pixels, at most \(Self.largestPixelCount) fit on a page")
    }
  }
}
