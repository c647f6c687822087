import Experiment
import Faces
import Terminal

/// Finds what a sample is grouped by: its value in a column.
struct GroupKey: Sendable {
  private let column: Column
  /// Where the value begins in a row.
  private let offset: Int

  var name: String { column.name }

  /// - Throws: `LabelSourceError` where the labels have no such column.
  init(_ name: String, columns: [Column]) throws {
    var offset = 0
    for column in columns {
      guard column.name != name else {
        self.column = column
        self.offset = offset
        return
      }
      offset += column.sampleByteCount
    }
    let known = columns.map(\.name)
    let near = nearestName(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
    throw LabelSourceError(
      description: "--group-by \(quoted(name)): the labels have no such column; they have "
        + known.joined(separator: ", ") + near)
  }

  /// The value of a sample; nil where it is missing.
  ///
  /// - Parameter row: its labels as `LabelRow` has them.
  func value(of row: UnsafeRawBufferPointer) -> UInt64? {
    let value = ColumnValue(UnsafeRawBufferPointer(rebasing: row[offset...]), as: column.element)
    guard value != column.missing else { return nil }
    return switch value {
    case .unsigned(let value): value
    case .signed(let value): UInt64(bitPattern: value)
    // Both zeros are one number.
    case .float(let value): UInt64((value == 0 ? 0 : value).bitPattern)
    }
  }
}
