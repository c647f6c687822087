/// What one element of a tensor in a file is: the types that state dicts of networks hold.
///
/// The raw value is the type's name in the safetensors format.
package enum ElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// Bytes of one element.
  package var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  package var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// Bytes of a whole tensor, or nil where a dimension is negative or the product overflows.
  ///
  /// - Parameter shape: elements along each axis; the empty shape is a scalar of one element.
  package func byteCount(of shape: [Int]) -> Int? {
    guard let count = elementCount(of: shape) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: byteCount)
    return overflow ? nil : bytes
  }
}

/// The product of the dimensions, or nil where one is negative or the product overflows.
///
/// A zero anywhere does not excuse an overflow: the other dimensions alone must be sane too.
func elementCount(of shape: [Int]) -> Int? {
  var product = 1
  var hasZero = false
  for dimension in shape {
    guard dimension >= 0 else { return nil }
    if dimension == 0 {
      hasZero = true
      continue
    }
    let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
    guard !overflow else { return nil }
    product = next
  }
  return hasZero ? 0 : product
}
