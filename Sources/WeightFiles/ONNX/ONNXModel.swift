/// A graph of ONNX operators with its weights: https://onnx.ai/onnx/intro/concepts.html.
///
/// ```swift
/// var model = ONNXModel(name: "net")
/// model.addInput("x", element: .float32, shape: [.symbol("N"), .size(3)])
/// model.addInitializer(weight)
/// model.addNode("Gemm", inputs: ["x", weight.name], output: "y", attributes: ["transB": .integer(1)])
/// model.addOutput("y", element: .float32, shape: [.symbol("N"), .size(5)])
/// try model.write(to: "net.onnx")
/// ```
///
/// It knows operators by name only, and checks what any graph must keep: every name is made once,
/// and before it is used.
package struct ONNXModel {
  package enum Dimension: Equatable, Sendable {
    case size(Int)
    /// A size that each run may choose, such as the batch; equal symbols are equal sizes.
    case symbol(String)
  }

  package enum Attribute: Equatable, Sendable {
    case integer(Int)
    case float(Float)
    case integers([Int])
    case string(String)
  }

  struct Value {
    let name: String
    let element: ElementType
    let shape: [Dimension]
  }

  struct Node {
    let operation: String
    let inputs: [String]
    let output: String
    let attributes: [(String, Attribute)]
  }

  /// The operator set that the nodes are written in.
  package static let operatorSet = 17
  /// The file format of ONNX 1.12, which brought operator set 17.
  static let formatVersion = 8

  package let name: String
  /// Strings that tools show beside the graph, written in the order of the keys.
  package var metadata: [String: String] = [:]

  private(set) var inputs: [Value] = []
  private(set) var outputs: [Value] = []
  private(set) var initializers: [NamedTensor] = []
  private(set) var nodes: [Node] = []
  private var names: Set<String> = []

  package init(name: String) {
    self.name = name
  }

  /// - Precondition: no other value of the graph has the name.
  package mutating func addInput(_ name: String, element: ElementType, shape: [Dimension]) {
    define(name)
    inputs.append(Value(name: name, element: element, shape: shape))
  }

  /// Adds weights, under the tensor's name.
  ///
  /// - Precondition: no other value of the graph has the name.
  package mutating func addInitializer(_ tensor: NamedTensor) {
    define(tensor.name)
    initializers.append(tensor)
  }

  /// Adds an operator of one output. Attributes are written in the order given.
  ///
  /// - Precondition: the inputs exist, and nothing has the output's name yet.
  package mutating func addNode(
    _ operation: String, inputs: [String], output: String,
    attributes: KeyValuePairs<String, Attribute> = [:]
  ) {
    for input in inputs {
      precondition(names.contains(input), "\(operation) uses \(input), which does not exist yet")
    }
    define(output)
    nodes.append(
      Node(
        operation: operation, inputs: inputs, output: output,
        attributes: attributes.map { ($0.key, $0.value) }))
  }

  /// Declares a value of the graph as a result.
  ///
  /// - Precondition: the value exists.
  package mutating func addOutput(_ name: String, element: ElementType, shape: [Dimension]) {
    precondition(names.contains(name), "output \(name) does not exist")
    outputs.append(Value(name: name, element: element, shape: shape))
  }

  private mutating func define(_ name: String) {
    precondition(names.insert(name).inserted, "\(name) is made twice")
  }
}
