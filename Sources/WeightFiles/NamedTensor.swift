/// A tensor as a model file has it: a name, an element type, a shape and its bytes, little-endian
/// and row-major.
///
/// ```swift
/// let bias = NamedTensor(name: "fc.bias", shape: [5], floats: [0, 0, 0, 0, 0])
/// let values = try bias.floats()
/// ```
package struct NamedTensor: Sendable {
  package let name: String
  package let element: ElementType
  /// Elements along each axis; empty for a scalar.
  package let shape: [Int]
  package let bytes: TensorBytes

  /// - Precondition: `bytes` has exactly as many bytes as element type and shape ask for. Readers
  ///   check that of a file before they come here.
  package init(name: String, element: ElementType, shape: [Int], bytes: TensorBytes) {
    precondition(
      element.byteCount(of: shape) == bytes.count,
      "tensor \(name): \(bytes.count) bytes do not hold \(element.rawValue) \(shape)")
    self.name = name
    self.element = element
    self.shape = shape
    self.bytes = bytes
  }

  /// An F32 tensor with a copy of `floats`, in row-major order.
  package init(name: String, shape: [Int], floats: [Float]) {
    self.init(name: name, element: .float32, shape: shape, bytes: TensorBytes(floats))
  }

  /// An I64 tensor with a copy of `integers`, in row-major order.
  package init(name: String, shape: [Int], integers: [Int64]) {
    self.init(name: name, element: .int64, shape: shape, bytes: TensorBytes(integers))
  }

  /// How many elements the tensor has: the product of its shape.
  package var elementCount: Int { bytes.count / element.byteCount }

  /// The same tensor under another name; the bytes are shared.
  package func renamed(_ name: String) -> NamedTensor {
    NamedTensor(name: name, element: element, shape: shape, bytes: bytes)
  }
}
