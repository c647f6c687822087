import Checksums
import Experiment

/// Puts samples into strata: equal exactly for those that are equal in the chosen labels, ages by
/// decade and other numbers by tenths of their range. A missing label is a value of its own.
package struct Stratifier: Sendable {
  private struct Bins {
    let column: Column
    /// Where its value begins in a row.
    let offset: Int
    /// How many there are, without that of missing labels.
    let count: Int
    var isChosen: Bool

    func bin(of row: UnsafeRawBufferPointer) -> UInt64 {
      guard isChosen else { return 0 }
      let value = ColumnValue(UnsafeRawBufferPointer(rebasing: row[offset...]), as: column.element)
      guard value != column.missing, let number = value.number else { return UInt64(count) }
      guard column.kind == .number else { return UInt64(min(max(number, 0), Double(count - 1))) }
      let least = column.unit == Self.years ? 0 : column.minimum ?? 0
      let width = column.unit == Self.years ? 10 : ((column.maximum ?? least) - least) / 10
      let place = width > 0 ? (number - least) / width : 0
      return UInt64(min(max(place, 0), Double(count - 1)))
    }

    static let years = "years"
  }

  /// Classes before numbers: each has a byte of the stratum.
  private var bins: [Bins] = []
  private let isPacked: Bool

  /// More strata than this are not worth their memory, and have a sample or two each.
  private static let mostStrata = 10_000

  /// - Throws: `LabelSourceError` for a name that is not a label, or one without classes or range.
  package init(_ rule: Stratification, columns: [Column]) throws {
    var offset = 0
    for column in columns {
      if let count = Self.binCount(column) {
        bins.append(Bins(column: column, offset: offset, count: count, isChosen: false))
      }
      offset += column.sampleByteCount
    }
    bins =
      bins.filter { $0.column.kind == .class } + bins.filter { $0.column.kind == .number }
    isPacked = bins.count <= 8 && bins.allSatisfy { $0.count < 256 }
    guard let names = rule.names else {
      var strata = 1
      for index in bins.indices where strata * (bins[index].count + 1) <= Self.mostStrata {
        strata *= bins[index].count + 1
        bins[index].isChosen = true
      }
      return
    }
    for name in names {
      guard let index = bins.firstIndex(where: { $0.column.name == name }) else {
        let known = bins.map(\.column.name)
        let near = nearestName(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
        throw LabelSourceError(
          description:
            "--stratify \(name): expected labels with classes or a range, of which there "
            + (known.isEmpty ? "are none" : "are \(known.joined(separator: ", "))") + near)
      }
      bins[index].isChosen = true
    }
  }

  private static func binCount(_ column: Column) -> Int? {
    guard column.role == .label, column.width == 1 else { return nil }
    switch column.kind {
    case .class: return column.classNames.isEmpty ? 255 : column.classNames.count
    case .number: return column.unit == Bins.years ? 20 : column.maximum == nil ? nil : 10
    case .bytes: return nil
    }
  }

  /// The labels that count.
  package var names: [String] { bins.filter(\.isChosen).map(\.column.name) }

  /// The stratum of a sample.
  ///
  /// - Parameter row: its values as `LabelRow` has them.
  package func stratum(of row: UnsafeRawBufferPointer) -> UInt64 {
    if isPacked {
      return bins.enumerated().reduce(0) { $0 | $1.element.bin(of: row) << UInt64(8 * $1.offset) }
    }
    let words = bins.flatMap { bin in withUnsafeBytes(of: bin.bin(of: row)) { Array($0) } }
    return words.withUnsafeBufferPointer { SipHash.hash($0, key0: 0, key1: 0) }
  }
}
