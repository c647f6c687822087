import Terminal

/// A tensor's elements were asked for as a kind of number that they are not.
package struct TensorConversionError: Error, Equatable, CustomStringConvertible {
  package let tensor: String
  package let element: ElementType
  package let wanted: String

  package var description: String {
    "tensor \(quoted(tensor)) holds \(element.rawValue), expected \(wanted)"
  }
}

extension NamedTensor {
  /// The elements as floats, row-major: F32 as it is, F16 and BF16 exactly, F64 rounded.
  ///
  /// - Throws: `TensorConversionError` for integers and booleans; `FileError` where the file was cut
  ///   meanwhile.
  package func floats() throws -> [Float] {
    guard element.isFloatingPoint else {
      throw TensorConversionError(
        tensor: name, element: element, wanted: "floating point (F32, F16, BF16 or F64)")
    }
    return try [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      try convert(into: buffer)
      count = elementCount
    }
  }

  /// Writes the elements as floats into `destination`, as `floats()` does, without an array.
  ///
  /// - Precondition: `destination` has room for exactly `elementCount` floats.
  package func copyFloats(
    into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    precondition(destination.count == elementCount, "tensor \(name): the destination fits exactly")
    guard element.isFloatingPoint else {
      throw TensorConversionError(
        tensor: name, element: element, wanted: "floating point (F32, F16, BF16 or F64)")
    }
    try convert(into: destination)
  }

  /// The elements as integers, row-major, from any integer type or booleans.
  ///
  /// - Throws: `TensorConversionError` for floating point, and for a U64 above Int64's range.
  package func integers() throws -> [Int64] {
    let values: [Int64]? = bytes.withUnsafeBytes { source in
      switch element {
      case .bool, .uint8: load(UInt8.self, source)
      case .int8: load(Int8.self, source)
      case .int16: load(Int16.self, source)
      case .uint16: load(UInt16.self, source)
      case .int32: load(Int32.self, source)
      case .uint32: load(UInt32.self, source)
      case .int64: load(Int64.self, source)
      case .uint64: load(UInt64.self, source)
      case .float16, .bfloat16, .float32, .float64: nil
      }
    }
    try bytes.checkWhole()
    guard let values else {
      throw TensorConversionError(
        tensor: name, element: element, wanted: "integers that fit into 64 bits with sign")
    }
    return values
  }

  private func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type, _ source: UnsafeRawBufferPointer
  ) -> [Int64]? {
    let size = MemoryLayout<Integer>.size
    var values: [Int64] = []
    values.reserveCapacity(source.count / size)
    for offset in stride(from: 0, to: source.count, by: size) {
      let value = Integer(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: type))
      guard let value = Int64(exactly: value) else { return nil }
      values.append(value)
    }
    return values
  }

  private func convert(into destination: UnsafeMutableBufferPointer<Float>) throws {
    bytes.withUnsafeBytes { source in
      // SAFETY: both counts are elementCount, checked by the callers and by init.
      switch element {
      case .float32:
        UnsafeMutableRawBufferPointer(destination).copyMemory(from: source)
      case .float16:
        for i in destination.indices {
          let bits = source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
          destination[i] = floatFromHalf(bits)
        }
      case .bfloat16:
        for i in destination.indices {
          let bits = source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
          destination[i] = Float(bitPattern: UInt32(bits) << 16)
        }
      case .float64:
        for i in destination.indices {
          destination[i] = Float(source.loadUnaligned(fromByteOffset: 8 * i, as: Double.self))
        }
      default:
        preconditionFailure("only floating point comes here")
      }
    }
    try bytes.checkWhole()
  }
}

/// IEEE 754 binary16 to binary32, exact. Written out because `Float16` is not available in Swift
/// on every x86-64 platform.
func floatFromHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:
    // Zero and subnormals: fraction · 2⁻²⁴ is exact in binary32.
    let magnitude = Float(fraction) * 0x1p-24
    return Float(bitPattern: magnitude.bitPattern | sign)
  case 0x1F:
    return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default:
    return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
