import Foundation
import Testing
import WeightFiles

@Suite struct ONNXTests {
  /// What `onnx.helper` makes of the same graph; see Golden/make_golden.py.
  @Test func writesTheBytesOfTheReference() throws {
    var model = ONNXModel(name: "g")
    model.addInput("x", element: .float32, shape: [.symbol("N"), .size(3)])
    model.addInitializer(NamedTensor(name: "w", shape: [2, 3], floats: goldenFloats(6)))
    model.addNode(
      "Gemm", inputs: ["x", "w"], output: "y",
      attributes: [
        "alpha": .float(0.5), "note": .string("é"), "pads": .integers([1, 300, -1]),
        "transB": .integer(1),
      ])
    model.addOutput("y", element: .float32, shape: [.symbol("N"), .size(2)])
    model.metadata = ["k": "v"]
    let scratch = try Scratch()
    let path = "\(scratch.path)/g.onnx"
    try model.write(to: path)
    #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == goldenBytes("gemm.onnx"))
  }

  static let tasks: [HydraNetONNX.Task] = [
    .init(name: "age", outputs: 1), .init(name: "gender", outputs: 1),
    .init(name: "race", outputs: 5),
  ]

  /// A state dict of zeros with a HydraNet's names and shapes, or an MTAN's.
  static func stateDict(blocks: [Int] = [2, 2, 2, 2], attention: Bool = false) -> [NamedTensor] {
    var shapes: [(String, [Int])] = []
    func convolution(_ name: String, _ out: Int, _ channels: Int, _ kernel: Int) {
      shapes.append(("\(name).weight", [out, channels, kernel, kernel]))
    }
    func norm(_ name: String, _ count: Int) {
      for part in ["weight", "bias", "running_mean", "running_var"] {
        shapes.append(("\(name).\(part)", [count]))
      }
      shapes.append(("\(name).num_batches_tracked", []))
    }
    convolution("conv1", 64, 3, 7)
    norm("bn1", 64)
    var channels = 64
    for (stage, count) in blocks.enumerated() {
      for index in 0..<count {
        let (name, out) = ("layer\(stage + 1).\(index)", 64 << stage)
        convolution("\(name).conv1", out, channels, 3)
        norm("\(name).bn1", out)
        convolution("\(name).conv2", out, out, 3)
        norm("\(name).bn2", out)
        if channels != out {
          convolution("\(name).downsample.0", out, channels, 1)
          norm("\(name).downsample.1", out)
        }
        channels = out
      }
    }
    for (index, task) in tasks.enumerated() {
      shapes.append(("fc\(index + 1).linear.weight", [512, 512]))
      shapes.append(("fc\(index + 1).linear.bias", [512]))
      shapes.append(("fc\(index + 1).final.weight", [task.outputs, 512]))
      shapes.append(("fc\(index + 1).final.bias", [task.outputs]))
    }
    for stage in 0..<(attention ? 4 : 0) {
      let channels = 64 << stage
      if stage < 3 {
        convolution("encoder.layer\(stage + 1).conv1", 2 * channels, channels, 3)
        norm("encoder.layer\(stage + 1).bn1", 2 * channels)
      }
      for task in 1...3 {
        let name = "attention\(task).layer\(stage + 1)"
        convolution("\(name).conv1", max(64, channels / 4), stage == 0 ? 64 : 2 * channels, 1)
        norm("\(name).bn1", max(64, channels / 4))
        convolution("\(name).conv2", channels, max(64, channels / 4), 1)
        norm("\(name).bn2", channels)
      }
    }
    return shapes.map { name, shape in
      let count = shape.reduce(1, *)
      return name.hasSuffix("tracked")
        ? NamedTensor(name: "net.\(name)", shape: shape, integers: [0])
        : NamedTensor(
          name: "net.\(name)", shape: shape, floats: [Float](repeating: 0, count: count))
    }
  }

  @Test(arguments: [(18, [2, 2, 2, 2], 20), (34, [3, 4, 6, 3], 36)], [true, false])
  func laysOutTheWholeGraph(
    _ trunk: (depth: Int, blocks: [Int], convolutions: Int), hasStemPool: Bool
  ) throws {
    let (depth, blocks, convolutions) = trunk
    let scratch = try Scratch()
    let path = "\(scratch.path)/net.onnx"
    try HydraNetONNX.export(
      tensors: Self.stateDict(blocks: blocks), depth: depth, hasStemPool: hasStemPool,
      tasks: Self.tasks,
      inputSize: 32,
      normalization: .init(mean: [0.5, 0.5, 0.5], deviation: [1, 1, 1]), to: path)
    let model = try Protobuf([UInt8](Data(contentsOf: URL(filePath: path))))
    #expect(model.integers(1) == [8])
    #expect(try model.messages(8).map { $0.integers(2) } == [[17]])
    let graph = try #require(try model.messages(7).first)
    let nodes = try graph.messages(1)
    let counts = Dictionary(grouping: nodes.flatMap { $0.strings(4) }) { $0 }.mapValues(\.count)
    let blockCount = blocks.reduce(0, +)
    var expected = [
      "Sub": 1, "Div": 1, "Conv": convolutions, "BatchNormalization": convolutions,
      "Relu": 1 + 2 * blockCount + 3, "Add": blockCount, "GlobalAveragePool": 1, "Flatten": 1,
      "Gemm": 6,
    ]
    if hasStemPool { expected["MaxPool"] = 1 }
    #expect(counts == expected)
    // Values are made before they are used: graphs of ONNX are sorted.
    let weights = try graph.messages(5).flatMap { $0.strings(8) }
    var known = Set(weights + ["image"])
    for node in nodes {
      #expect(known.isSuperset(of: node.strings(1)))
      known.formUnion(node.strings(2))
    }
    #expect(try graph.messages(11).flatMap { $0.strings(1) } == ["image"])
    #expect(try graph.messages(12).flatMap { $0.strings(1) } == ["age", "gender", "race"])
    #expect(known.isSuperset(of: ["age", "gender", "race"]))
    #expect(weights.count == 5 * convolutions + 12 + 2)
  }

  @Test func laysOutMTAN() throws {
    let model = try HydraNetONNX.model(
      tensors: Self.stateDict(attention: true), depth: 18, hasAttention: true, tasks: Self.tasks,
      inputSize: 32)
    let scratch = try Scratch()
    let path = "\(scratch.path)/mtan.onnx"
    try model.write(to: path)
    let file = try Protobuf([UInt8](Data(contentsOf: URL(filePath: path))))
    let graph = try #require(try file.messages(7).first)
    let nodes = try graph.messages(1)
    let counts = Dictionary(grouping: nodes.flatMap { $0.strings(4) }) { $0 }.mapValues(\.count)
    // Two convolutions for each of 12 masks, and each of 3 encoders runs for 3 tasks.
    #expect(
      counts == [
        "Conv": 20 + 24 + 9, "BatchNormalization": 20 + 24 + 9, "Relu": 17 + 3 + 12 + 9,
        "Sigmoid": 12, "Mul": 12, "Concat": 9, "MaxPool": 1 + 9, "Add": 8,
        "GlobalAveragePool": 3, "Flatten": 3, "Gemm": 6,
      ])
    let weights = try graph.messages(5).flatMap { $0.strings(8) }
    #expect(weights.count == 5 * (20 + 24 + 3) + 12)
    #expect(throws: HydraNetONNX.Mismatch.self) {
      try HydraNetONNX.model(
        tensors: Self.stateDict(), depth: 18, hasAttention: true, tasks: Self.tasks, inputSize: 32)
    }
    #expect(throws: HydraNetONNX.Mismatch.self) {
      try HydraNetONNX.model(
        tensors: Self.stateDict(attention: true), depth: 18, tasks: Self.tasks, inputSize: 32)
    }
  }

  @Test func refusesWhatIsNoHydraNet() throws {
    func refusal(
      _ tensors: [NamedTensor], depth: Int = 18, tasks: [HydraNetONNX.Task] = Self.tasks
    ) -> String? {
      do {
        _ = try HydraNetONNX.model(tensors: tensors, depth: depth, tasks: tasks, inputSize: 32)
        return nil
      } catch {
        return "\(error)"
      }
    }
    let good = Self.stateDict()
    #expect(refusal(good) == nil)
    #expect(refusal(good, depth: 50) == "depth 50 is unknown, expected 18 or 34")
    #expect(refusal(good, depth: 34)?.contains("layer1.2.conv1.weight\" is missing") == true)
    #expect(
      refusal(Self.stateDict(blocks: [3, 4, 6, 3]))?.contains("have no place in HydraNet-18")
        == true)
    #expect(refusal(good, tasks: [Self.tasks[0]])?.contains("8 tensors have no place") == true)
    let image = HydraNetONNX.Task(name: "image", outputs: 1)
    #expect(refusal(good, tasks: [image])?.contains("the name is taken") == true)
    let wrong = Self.tasks.map { HydraNetONNX.Task(name: $0.name, outputs: 2) }
    #expect(
      refusal(good, tasks: wrong)
        == "tensor \"net.fc1.final.weight\" has shape [1, 512], expected [2, 512]")
    #expect(refusal(good + [good[0]]) == "two tensors have the same name")
  }
}
