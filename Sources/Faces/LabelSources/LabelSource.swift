import Experiment

/// What knows the labels of photographs by their paths.
///
/// ```swift
/// let labels = try LabelSources.open(settings, strict: false, spool: spool, paths: paths)
/// let row = try labels.labels(of: path).get()   // a value for every column of `labels.columns`
/// ```
///
/// Any number of threads may ask.
package protocol LabelSource: Sendable {
  /// The columns that it has a value for, in the order of a row.
  var columns: [Column] { get }
  /// Equal for two sources that give the same labels to every path.
  var identity: String { get }
  /// The columns as a `columns:` section where they are guessed, to be confirmed or changed.
  var guess: String? { get }
  /// What a user should know of it, a sentence each.
  var notices: [String] { get }

  /// The labels of the photograph at a path below the source, or why it has none.
  ///
  /// - Throws: `FileError` where a label file can no longer be read.
  func labels(of path: UnsafeBufferPointer<UInt8>) throws -> Result<LabelRow, NameReject>

  /// What there is to say once every photograph is known, such as rows that are about none of them.
  ///
  /// - Parameter paths: gives every path once.
  func notices(about paths: LabelPaths) throws -> [String]
}

/// Gives the paths of all photographs, each once.
package typealias LabelPaths = (_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws -> Void

extension LabelSource {
  package var guess: String? { nil }
  package var notices: [String] { [] }
  package func notices(about paths: LabelPaths) throws -> [String] { [] }
}

/// The labels of one photograph.
package struct LabelRow: Equatable, Sendable {
  /// An element of every column, one after the other, as the columns' arrays hold them.
  package var values: [UInt8]
  /// Whether a file name is accepted although its timestamp is not of the usual form.
  package var isIrregular = false

  package init(values: [UInt8], isIrregular: Bool = false) {
    self.values = values
    self.isIrregular = isIrregular
  }

  /// - Parameter values: by column; nil where it is missing.
  init(_ values: [ColumnValue?], of columns: [Column]) {
    var bytes: [UInt8] = []
    for (column, value) in zip(columns, values) {
      (value ?? column.missing).append(as: column.element, to: &bytes)
    }
    self.init(values: bytes)
  }

  /// The row's values by column; nil where one is missing.
  package func values(of columns: [Column]) -> [ColumnValue?] {
    values.withUnsafeBytes { bytes in
      var offset = 0
      return columns.map { column in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[min(offset, bytes.count)...])
        offset += column.element.byteCount
        let value = ColumnValue(rest, as: column.element)
        return value == column.missing ? nil : value
      }
    }
  }
}
