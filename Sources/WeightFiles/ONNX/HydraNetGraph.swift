import Experiment
import Terminal

/// Lays a HydraNet's operators into an ONNX model, one method a part of the network.
struct HydraNetGraph {
  /// What the last block but one of a trunk's stage makes, and the last one.
  struct Stage {
    let bottom: String
    let top: String
  }

  private var model: ONNXModel
  private let prefix: String
  private let tensors: [String: NamedTensor]
  private var unused: Set<String>
  private var added: Set<String> = []

  init(tensors: [NamedTensor], prefix: String, name: String) throws {
    model = ONNXModel(name: name)
    self.prefix = prefix
    self.tensors = Dictionary(
      tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard self.tensors.count == tensors.count else {
      throw HydraNetONNX.Mismatch(description: "two tensors have the same name")
    }
    // PyTorch counts the batches that BatchNorm has seen; no operator reads that.
    unused = Set(tensors.map(\.name).filter { !$0.hasSuffix(".num_batches_tracked") })
  }

  /// The model, when every tensor has found its place.
  func finish() throws -> ONNXModel {
    if let name = unused.min() {
      throw HydraNetONNX.Mismatch(
        description: "\(unused.count) tensors have no place in \(model.name), such as "
          + "\(quoted(name)): do the depth and the list of tasks differ?")
    }
    return model
  }

  /// The image, normalized where asked for: (x - 255·mean) / (255·deviation).
  mutating func input(size: Int, _ normalization: ChannelStatistics?) -> String {
    model.addInput(
      "image", element: .float32, shape: [.symbol("N"), .size(3), .size(size), .size(size)])
    guard let normalization else { return "image" }
    let shape = [1, 3, 1, 1]
    model.addInitializer(
      NamedTensor(
        name: "\(prefix)mean", shape: shape, floats: normalization.mean.map { 255 * Float($0) }))
    model.addInitializer(
      NamedTensor(
        name: "\(prefix)deviation", shape: shape,
        floats: normalization.deviation.map { 255 * Float($0) }))
    model.addNode("Sub", inputs: ["image", "\(prefix)mean"], output: "\(prefix)centered")
    model.addNode(
      "Div", inputs: ["\(prefix)centered", "\(prefix)deviation"], output: "\(prefix)normalized")
    return "\(prefix)normalized"
  }

  /// ResNet's stem and four stages of basic blocks.
  mutating func trunk(_ image: String, blocks: [Int], hasPool: Bool) throws -> [Stage] {
    var x = try convolution(image, "conv1", channels: (3, 64), kernel: 7, stride: 2)
    x = relu(try batchNorm(x, "bn1", channels: 64))
    if hasPool {
      model.addNode(
        "MaxPool", inputs: [x], output: "\(prefix)maxpool.out",
        attributes: [
          "kernel_shape": .integers([3, 3]), "strides": .integers([2, 2]),
          "pads": .integers([1, 1, 1, 1]),
        ])
      x = "\(prefix)maxpool.out"
    }
    var channels = 64
    var stages: [Stage] = []
    for (stage, count) in blocks.enumerated() {
      var bottom = x
      for index in 0..<count {
        let out = 64 << stage
        bottom = x
        x = try block(
          x, "layer\(stage + 1).\(index)", channels: (channels, out),
          stride: stage > 0 && index == 0 ? 2 : 1)
        channels = out
      }
      stages.append(Stage(bottom: bottom, top: x))
    }
    return stages
  }

  /// MTAN's masks over the trunk's stages, and the encoders between them: [N, 512] for every task.
  mutating func attention(_ stages: [Stage], taskCount: Int) throws -> [String] {
    try (1...taskCount).map { task in
      var attended = ""
      for (index, stage) in stages.enumerated() {
        let channels = 64 << index
        let name = "attention\(task).layer\(index + 1)"
        var input = stage.bottom
        if index > 0 {
          let pooled = try encoder(attended, "encoder.layer\(index)", task: task, channels / 2)
          input = "\(prefix)\(name).in"
          model.addNode(
            "Concat", inputs: [stage.bottom, pooled], output: input,
            attributes: ["axis": .integer(1)])
        }
        let middle = max(channels / 4, 64)
        var x = try convolution(
          input, "\(name).conv1", channels: (index > 0 ? 2 * channels : channels, middle),
          kernel: 1, stride: 1)
        x = relu(try batchNorm(x, "\(name).bn1", channels: middle))
        x = try convolution(
          x, "\(name).conv2", channels: (middle, channels), kernel: 1, stride: 1)
        x = try batchNorm(x, "\(name).bn2", channels: channels)
        model.addNode("Sigmoid", inputs: [x], output: "\(prefix)\(name).mask")
        attended = "\(prefix)\(name).attended"
        model.addNode(
          "Mul", inputs: ["\(prefix)\(name).mask", stage.top], output: attended)
      }
      return average(attended, "attention\(task).")
    }
  }

  /// The encoder that all tasks share, for one of them: 3×3 convolution, max-pool.
  private mutating func encoder(
    _ x: String, _ name: String, task: Int, _ channels: Int
  ) throws -> String {
    let values = "task\(task)."
    var y = try convolution(
      x, "\(name).conv1", values: values, channels: (channels, 2 * channels), kernel: 3, stride: 1)
    y = relu(try batchNorm(y, "\(name).bn1", values: values, channels: 2 * channels))
    let output = "\(prefix)\(values)\(name).out"
    model.addNode(
      "MaxPool", inputs: [y], output: output,
      attributes: [
        "ceil_mode": .integer(1), "kernel_shape": .integers([2, 2]), "strides": .integers([2, 2]),
      ])
    return output
  }

  /// The mean over all pixels: [N, channels].
  ///
  /// - Parameter values: comes before the names of the values.
  mutating func average(_ x: String, _ values: String) -> String {
    let pooled = "\(prefix)\(values)avgpool.out"
    let output = "\(prefix)\(values)features"
    model.addNode("GlobalAveragePool", inputs: [x], output: pooled)
    model.addNode(
      "Flatten", inputs: [pooled], output: output, attributes: ["axis": .integer(1)])
    return output
  }

  /// A head: Linear, ReLU, Linear; its logits are an output of the model.
  mutating func head(_ features: String, index: Int, _ task: HydraNetONNX.Task) throws {
    let hidden = try linear(
      features, "fc\(index).linear", sizes: (512, 512), output: "\(prefix)fc\(index).linear.out")
    let active = relu(hidden)
    _ = try linear(active, "fc\(index).final", sizes: (512, task.outputs), output: task.name)
    model.addOutput(task.name, element: .float32, shape: [.symbol("N"), .size(task.outputs)])
  }

  /// He et al., figure 5 left: two 3×3 convolutions and the shortcut, which is projected where
  /// the shape changes.
  private mutating func block(
    _ x: String, _ name: String, channels: (Int, Int), stride: Int
  ) throws -> String {
    var y = try convolution(x, "\(name).conv1", channels: channels, kernel: 3, stride: stride)
    y = relu(try batchNorm(y, "\(name).bn1", channels: channels.1))
    y = try convolution(
      y, "\(name).conv2", channels: (channels.1, channels.1), kernel: 3, stride: 1)
    y = try batchNorm(y, "\(name).bn2", channels: channels.1)
    var shortcut = x
    if stride != 1 || channels.0 != channels.1 {
      shortcut = try convolution(
        x, "\(name).downsample.0", channels: channels, kernel: 1, stride: stride)
      shortcut = try batchNorm(shortcut, "\(name).downsample.1", channels: channels.1)
    }
    model.addNode("Add", inputs: [y, shortcut], output: "\(prefix)\(name).sum")
    return relu("\(prefix)\(name).sum")
  }

  /// - Parameter values: comes before the output's name, where the weights are used several times.
  private mutating func convolution(
    _ x: String, _ name: String, values: String = "", channels: (Int, Int), kernel: Int,
    stride: Int
  ) throws -> String {
    let weight = try weight("\(name).weight", [channels.1, channels.0, kernel, kernel])
    let output = "\(prefix)\(values)\(name).out"
    model.addNode(
      "Conv", inputs: [x, weight], output: output,
      attributes: [
        "kernel_shape": .integers([kernel, kernel]), "strides": .integers([stride, stride]),
        "pads": .integers([Int](repeating: kernel / 2, count: 4)),
      ])
    return output
  }

  private mutating func batchNorm(
    _ x: String, _ name: String, values: String = "", channels: Int
  ) throws -> String {
    let inputs = try ["weight", "bias", "running_mean", "running_var"].map {
      try weight("\(name).\($0)", [channels])
    }
    let output = "\(prefix)\(values)\(name).out"
    model.addNode(
      "BatchNormalization", inputs: [x] + inputs, output: output,
      attributes: ["epsilon": .float(1e-5)])
    return output
  }

  private mutating func linear(
    _ x: String, _ name: String, sizes: (Int, Int), output: String
  ) throws -> String {
    let weight = try weight("\(name).weight", [sizes.1, sizes.0])
    let bias = try self.weight("\(name).bias", [sizes.1])
    model.addNode(
      "Gemm", inputs: [x, weight, bias], output: output, attributes: ["transB": .integer(1)])
    return output
  }

  private mutating func relu(_ x: String) -> String {
    let output = "\(x).relu"
    model.addNode("Relu", inputs: [x], output: output)
    return output
  }

  /// Adds a tensor of the state dict to the graph, as F32, unless it is there already.
  private mutating func weight(_ name: String, _ shape: [Int]) throws -> String {
    let name = prefix + name
    guard let tensor = tensors[name] else {
      throw HydraNetONNX.Mismatch(
        description: "tensor \(quoted(name)) is missing, expected shape \(shape)")
    }
    guard tensor.shape == shape else {
      throw HydraNetONNX.Mismatch(
        description: "tensor \(quoted(name)) has shape \(tensor.shape), expected \(shape)")
    }
    guard added.insert(name).inserted else { return name }
    unused.remove(name)
    model.addInitializer(
      tensor.element == .float32
        ? tensor : NamedTensor(name: name, shape: shape, floats: try tensor.floats()))
    return name
  }
}
