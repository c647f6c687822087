/// One entry of a model's state, as PyTorch's `state_dict` has it: a name, a shape, and the values
/// row-major; convolution weights are [K][C][R][S].
package struct StateTensor: Sendable, Equatable {
  package enum Values: Sendable, Equatable {
    case float32([Float])
    case int64([Int64])
  }

  package let name: String
  /// Elements along each axis; empty for a scalar.
  package let shape: [Int]
  package let values: Values

  /// - Precondition: as many values as the shape asks for.
  package init(name: String, shape: [Int], floats: [Float]) {
    precondition(
      shape.reduce(1, *) == floats.count, "\(name): \(floats.count) values for shape \(shape)")
    self.name = name
    self.shape = shape
    values = .float32(floats)
  }

  /// - Precondition: as many values as the shape asks for.
  package init(name: String, shape: [Int], integers: [Int64]) {
    precondition(
      shape.reduce(1, *) == integers.count, "\(name): \(integers.count) values for shape \(shape)")
    self.name = name
    self.shape = shape
    values = .int64(integers)
  }

  /// The values as floats, or nil where they are integers.
  package var floats: [Float]? {
    if case .float32(let floats) = values { floats } else { nil }
  }

  /// The values as integers, or nil where they are floats.
  package var integers: [Int64]? {
    if case .int64(let integers) = values { integers } else { nil }
  }

  /// The product of the shape.
  package var elementCount: Int { shape.reduce(1, *) }
}
