import Images

/// Why a file found by the scan is not part of the data set.
///
/// The raw values are the codes in `rejects.jsonl` and in `--json`. The name reasons come from
/// `FaceFileName.parse` and label files, the image reasons from whoever reads the file.
package enum RejectReason: String, CaseIterable, Codable, Sendable {
  // The name.
  case fieldCount = "field_count"
  case emptyField = "empty_field"
  case notANumber = "not_a_number"
  case outOfRange = "out_of_range"
  /// Only under `strict`; otherwise a warning.
  case irregularTimestamp = "irregular_timestamp"
  // The label file.
  /// It has no row for the path, or the path has no folder for a label.
  case unlisted
  case conflictingRows = "conflicting_rows"
  // The image.
  case notAnImage = "not_an_image"
  case unsupportedFormat = "unsupported_format"
  case truncated
  case tooLarge = "too_large"
  case unreadable
  case corrupt

  package init(_ reason: ImageError.Reason) {
    self =
      switch reason {
      case .notAnImage: .notAnImage
      case .unsupported: .unsupportedFormat
      case .truncated: .truncated
      case .tooLarge: .tooLarge
      case .unreadable: .unreadable
      case .corrupt: .corrupt
      }
  }

  /// The reason in words, for a summary line.
  package var title: String {
    switch self {
    case .fieldCount: "field count"
    case .emptyField: "empty field"
    case .notANumber: "not a number"
    case .outOfRange: "out of range"
    case .irregularTimestamp: "irregular timestamp"
    case .unlisted: "unlisted"
    case .conflictingRows: "conflicting rows"
    case .notAnImage: "not an image"
    case .unsupportedFormat: "unsupported format"
    case .truncated: "truncated"
    case .tooLarge: "too large"
    case .unreadable: "unreadable"
    case .corrupt: "corrupt"
    }
  }

  /// One sentence: what was expected of the file.
  package var explanation: String {
    switch self {
    case .fieldCount: "The name does not split at \"_\" into age, gender, race and timestamp."
    case .emptyField: "One of the four fields of the name holds nothing."
    case .notANumber: "A label, or a field of the name, that must be a number is not."
    case .outOfRange: "A label is not in the range of its column or not one of its classes."
    case .irregularTimestamp: "The timestamp is not 17 digits followed by a dot and an extension."
    case .unlisted: "The label file has no row for the path, or no folder names its label."
    case .conflictingRows: "The label file has rows with different labels for the path."
    case .notAnImage: "The content does not begin like an image."
    case .unsupportedFormat: "The content is of a known format that is neither JPEG nor PNG."
    case .truncated: "The image ends before its last row."
    case .tooLarge: "The image has more pixels or bytes than the limit allows."
    case .unreadable: "The system did not let the file be opened or read."
    case .corrupt: "The image's data contradicts its format."
    }
  }
}

/// A name that the four-field rule rejects: the reason, and what was expected and got.
package struct NameReject: Error, Equatable, Sendable, CustomStringConvertible {
  package let reason: RejectReason
  /// One sentence in one line; whatever it quotes of the name is escaped and cut.
  package let description: String
}
