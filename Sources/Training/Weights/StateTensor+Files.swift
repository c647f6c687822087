import Tensors
import WeightFiles

extension [StateTensor] {
  /// The tensors as a weight file has them.
  func named(prefix: String = "") -> [NamedTensor] {
    map { tensor in
      switch tensor.values {
      case .float32(let floats):
        NamedTensor(name: prefix + tensor.name, shape: tensor.shape, floats: floats)
      case .int64(let integers):
        NamedTensor(name: prefix + tensor.name, shape: tensor.shape, integers: integers)
      }
    }
  }
}

extension NamedTensor {
  /// The tensor as the engine takes it, under another name.
  func state(name: String) throws -> StateTensor {
    element.isFloatingPoint
      ? StateTensor(name: name, shape: shape, floats: try floats())
      : StateTensor(name: name, shape: shape, integers: try integers())
  }
}

extension TensorFile {
  /// The tensors whose names begin with a prefix, without it.
  func states(prefix: String) throws -> [StateTensor] {
    try tensors.filter { $0.name.hasPrefix(prefix) }.map {
      try $0.state(name: String($0.name.dropFirst(prefix.count)))
    }
  }
}
