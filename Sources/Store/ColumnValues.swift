import Experiment

/// The values of one column in one split, with what is missing told apart.
package struct ColumnValues: Sendable {
  package let column: Column
  package let sampleCount: Int
  /// The rows as stored: values little-endian, what is missing as `column.missing`.
  package let bytes: [UInt8]

  /// The value of a sample, or nil where it is missing.
  ///
  /// - Parameter component: 0 ..< `column.width`.
  package func value(_ sample: Int, component: Int = 0) -> ColumnValue? {
    precondition(
      (0..<sampleCount).contains(sample) && (0..<column.width).contains(component))
    let place = (sample * column.width + component) * column.element.byteCount
    let value: ColumnValue = bytes.withUnsafeBytes { bytes in
      func load<T: FixedWidthInteger>(_ type: T.Type) -> T {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
      }
      return switch column.element {
      case .uint8: .unsigned(UInt64(bytes[place]))
      case .uint16: .unsigned(UInt64(load(UInt16.self)))
      case .uint32: .unsigned(UInt64(load(UInt32.self)))
      case .uint64: .unsigned(load(UInt64.self))
      case .int32: .signed(Int64(load(Int32.self)))
      case .float32: .float(Float(bitPattern: load(UInt32.self)))
      }
    }
    return column.kind != .bytes && value == column.missing ? nil : value
  }

  /// All values as floats, NaN where missing; of a column of width 1, one a sample.
  package var floats: [Float] {
    let width = column.width
    return (0..<sampleCount * width).map { index in
      switch value(index / width, component: index % width) {
      case nil: .nan
      case .unsigned(let value): Float(value)
      case .signed(let value): Float(value)
      case .float(let value): value
      }
    }
  }
}
