/// The number type of a column's values, by its name in Zarr v3.
package enum ColumnElement: String, Sendable, CaseIterable {
  case uint8, uint16, uint32, uint64, int32, float32

  package var byteCount: Int {
    switch self {
    case .uint8: 1
    case .uint16: 2
    case .uint32, .int32, .float32: 4
    case .uint64: 8
    }
  }

  /// What stands for a value that is not known, unless a column says otherwise.
  package var missing: ColumnValue {
    switch self {
    case .uint8: .unsigned(UInt64(UInt8.max))
    case .uint16: .unsigned(UInt64(UInt16.max))
    case .uint32: .unsigned(UInt64(UInt32.max))
    case .uint64: .unsigned(.max)
    case .int32: .signed(Int64(Int32.min))
    case .float32: .float(.nan)
    }
  }
}

/// One value of a column, in the widest type of its sort.
package enum ColumnValue: Sendable, CustomStringConvertible {
  case unsigned(UInt64)
  case signed(Int64)
  case float(Float)

  package func fits(_ type: ColumnElement) -> Bool {
    switch (self, type) {
    case (.unsigned(let value), .uint8): value <= UInt8.max
    case (.unsigned(let value), .uint16): value <= UInt16.max
    case (.unsigned(let value), .uint32): value <= UInt32.max
    case (.unsigned, .uint64): true
    case (.signed(let value), .int32): Int32(exactly: value) != nil
    case (.float, .float32): true
    default: false
    }
  }

  /// The value as a number, rounded where it has more than 53 bits; nil for NaN.
  package var number: Double? {
    switch self {
    case .unsigned(let value): Double(value)
    case .signed(let value): Double(value)
    case .float(let value): value.isNaN ? nil : Double(value)
    }
  }

  package var description: String {
    switch self {
    case .unsigned(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .float(let value): value.isNaN ? "NaN" : "\(value)"
    }
  }

  /// Reads what `description` wrote for a type; nil where it is not such a value.
  package init?(_ text: String, type: ColumnElement) {
    switch type {
    case .uint8, .uint16, .uint32, .uint64:
      guard let value = UInt64(text) else { return nil }
      self = .unsigned(value)
    case .int32:
      guard let value = Int64(text) else { return nil }
      self = .signed(value)
    case .float32:
      guard let value = text == "NaN" ? Float.nan : Float(text) else { return nil }
      self = .float(value)
    }
    guard fits(type) else { return nil }
  }
}

extension ColumnValue: Equatable {
  /// Bitwise for floats, so that NaN equals itself.
  package static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.unsigned(let a), .unsigned(let b)): a == b
    case (.signed(let a), .signed(let b)): a == b
    case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN
    default: false
    }
  }
}

extension ColumnValue {
  /// Appends the value as a store has it: little-endian, as wide as the element type.
  ///
  /// - Precondition: the value fits the type.
  package func append(as type: ColumnElement, to bytes: inout [UInt8]) {
    precondition(fits(type), "a value of the column's type")
    let word: UInt64 =
      switch self {
      case .unsigned(let value): value
      case .signed(let value): UInt64(bitPattern: value)
      case .float(let value): UInt64(value.bitPattern)
      }
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0.prefix(type.byteCount)) }
  }

  /// Reads what `append(as:to:)` wrote from the front of `bytes`.
  package init(_ bytes: UnsafeRawBufferPointer, as type: ColumnElement) {
    var word: UInt64 = 0
    for index in (0..<min(type.byteCount, bytes.count)).reversed() {
      word = word << 8 | UInt64(bytes[index])
    }
    switch type {
    case .uint8, .uint16, .uint32, .uint64: self = .unsigned(word)
    case .int32: self = .signed(Int64(Int32(truncatingIfNeeded: word)))
    case .float32: self = .float(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
    }
  }
}
