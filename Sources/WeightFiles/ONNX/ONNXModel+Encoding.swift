import Files

/// The fields of `onnx.proto3` (ONNX 1.12), by their numbers there.
extension ONNXModel {
  /// Protobuf readers refuse files of 2 GiB and more.
  static let largestFile = Int(Int32.max)

  /// Writes the model to a file, whole or not at all.
  ///
  /// - Throws: `FileError` where the file would exceed 2 GiB, `FileError` where the disk refuses.
  package func write(to path: String) throws {
    let message = message()
    guard message.count <= Self.largestFile else {
      throw FileError(path, "cannot be written: \(message.count) bytes, ONNX allows at most 2 GiB")
    }
    let file = try AtomicFile(path: path)
    try message.write { try file.append($0) }
    try file.finish()
  }

  /// ModelProto.
  func message() -> ProtobufMessage {
    var model = ProtobufMessage()
    model.add(1, integer: Self.formatVersion)
    model.add(2, string: "hydra-train")
    model.add(7, message: graph())
    var operatorSet = ProtobufMessage()
    operatorSet.add(1, string: "")
    operatorSet.add(2, integer: Self.operatorSet)
    model.add(8, message: operatorSet)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = ProtobufMessage()
      entry.add(1, string: key)
      entry.add(2, string: value)
      model.add(14, message: entry)
    }
    return model
  }

  /// GraphProto.
  private func graph() -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, message: encode(node)) }
    graph.add(2, string: name)
    for initializer in initializers { graph.add(5, message: encode(initializer)) }
    for input in inputs { graph.add(11, message: encode(input)) }
    for output in outputs { graph.add(12, message: encode(output)) }
    return graph
  }

  /// NodeProto, named after its output.
  private func encode(_ node: Node) -> ProtobufMessage {
    var message = ProtobufMessage()
    for input in node.inputs { message.add(1, string: input) }
    message.add(2, string: node.output)
    message.add(3, string: node.output)
    message.add(4, string: node.operation)
    for (name, value) in node.attributes { message.add(5, message: encode(name, value)) }
    return message
  }

  /// AttributeProto; field 20 says which of the value fields holds.
  private func encode(_ name: String, _ value: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, string: name)
    switch value {
    case .float(let value):
      message.add(2, float: value)
      message.add(20, integer: 1)
    case .integer(let value):
      message.add(3, integer: value)
      message.add(20, integer: 2)
    case .string(let value):
      message.add(4, string: value)
      message.add(20, integer: 3)
    case .integers(let values):
      for value in values { message.add(8, integer: value) }
      message.add(20, integer: 7)
    }
    return message
  }

  /// TensorProto with raw_data, which is little-endian and row-major as `NamedTensor` is.
  private func encode(_ tensor: NamedTensor) -> ProtobufMessage {
    var message = ProtobufMessage()
    for size in tensor.shape { message.add(1, integer: size) }
    message.add(2, integer: Self.dataType(tensor.element))
    message.add(8, string: tensor.name)
    message.add(9, bytes: tensor.bytes)
    return message
  }

  /// ValueInfoProto with TypeProto, its Tensor and TensorShapeProto.
  private func encode(_ value: Value) -> ProtobufMessage {
    var shape = ProtobufMessage()
    for dimension in value.shape {
      var message = ProtobufMessage()
      switch dimension {
      case .size(let size): message.add(1, integer: size)
      case .symbol(let name): message.add(2, string: name)
      }
      shape.add(1, message: message)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, integer: Self.dataType(value.element))
    tensor.add(2, message: shape)
    var type = ProtobufMessage()
    type.add(1, message: tensor)
    var message = ProtobufMessage()
    message.add(1, string: value.name)
    message.add(2, message: type)
    return message
  }

  /// TensorProto.DataType.
  private static func dataType(_ element: ElementType) -> Int {
    switch element {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .uint32: 12
    case .uint64: 13
    case .bfloat16: 16
    }
  }
}
