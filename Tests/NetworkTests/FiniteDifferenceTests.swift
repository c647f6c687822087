import Experiment
import Network
import Tensors
import Testing

/// Gradients against central differences of the loss. Every kind of layer has parameters of its own
/// (stem, 3×3 and 1×1 convolutions of both strides, BatchNorms, both linear layers), and what lies
/// between passes all gradients on: pooling, ReLU, shortcuts, the average, the losses.
@Suite struct FiniteDifferenceTests {
  /// One head of every loss and task kind.
  static let tasks = {
    var tasks = [
      TaskSettings(name: "a", kind: .regression, loss: .mse),
      TaskSettings(name: "b", kind: .regression, loss: .smoothL1),
      TaskSettings(name: "c", kind: .regression, loss: .l1),
      TaskSettings(name: "d", kind: .binary),
      TaskSettings(name: "e", kind: .categorical, classes: 4),
      TaskSettings(name: "f", kind: .regression, loss: .dldl),
    ]
    tasks[3].positiveWeight = 2
    tasks[4].classWeights = .list([1, 2, 0.5, 1])
    tasks[4].labelSmoothing = 0.1
    tasks[5].range = [-2, 2]
    tasks[5].binWidth = 0.25
    tasks[5].expectationWeight = 0.3
    return tasks
  }()
  static let weights: [Float] = [0.1, 0.5, 0.3, 1, 0.7, 0.6]

  static func labels(_ count: Int) -> [[Float]] {
    let values = Formula.noise("labels", count)
    return [
      values.map { 2 * $0 }, values.map { 3 * $0 }, values.map { 5 * $0 },
      values.map { $0 > 0 ? 1 : 0 }, (0..<count).map { Float($0 % 4) },
      values.map { 3 * $0 },
    ]
  }

  private func loss(
    _ fixture: Fixture, _ labels: [[Float]], _ weights: [Float] = weights
  ) throws -> Double {
    try fixture.net.forward(fixture.images.pointer, count: fixture.count, training: true)
    let losses = try fixture.net.losses(labels)
    return zip(losses, weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test(arguments: NetworkKind.allCases, StemPool.allCases)
  func everyParameterMatches(kind: NetworkKind, pool: StemPool) throws {
    // Tasks have attention modules of their own, alike: two are enough.
    let tasks = kind == .mtan ? [0, 4] : Array(Self.tasks.indices)
    // With the first images, a step along one gradient crosses a corner of a ReLU or of the L1 loss.
    let fixture = try Fixture(
      kind: kind, stemPool: pool, count: 15, tasks: tasks.map { Self.tasks[$0] },
      images: pool == .none ? "images 1" : "images 0")
    let labels = tasks.map { Self.labels(15)[$0] }
    let weights = tasks.map { Self.weights[$0] }
    let base = try loss(fixture, labels, weights)
    fixture.net.backward(taskWeights: weights)
    let gradients = fixture.net.exportGradients()
    let values = Dictionary(
      uniqueKeysWithValues: fixture.net.exportTensors().map { ($0.name, $0) })
    for gradient in gradients {
      // Along the gradient, the loss changes by its norm: no entry is left out, and no noise in.
      let g = try #require(gradient.floats)
      let w = try #require(values[gradient.name]?.floats)
      let norm = g.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(norm > 0, "\(gradient.name)")
      let distance = min(5e-4 * base / norm, 0.02)
      func moved(_ sign: Float) throws -> Double {
        let step = sign * Float(distance / norm)
        let tensor = StateTensor(
          name: gradient.name, shape: gradient.shape,
          floats: zip(w, g).map { $0 + step * $1 })
        try fixture.net.importTensors([tensor], allowMissing: true)
        return try loss(fixture, labels, weights)
      }
      let slope = (try moved(1) - moved(-1)) / (2 * distance)
      _ = try moved(0)
      // The loss is known to some 1e-7 of itself.
      let noise = 2e-7 * base / distance
      #expect(
        abs(slope - norm) < 0.04 * norm + noise, "\(gradient.name): \(slope), expected \(norm)")
    }
  }

  /// Gradients that pass through frozen parts, whose BatchNorm uses its running statistics.
  @Test(arguments: ["trunk", "encoders", "head", "trunk and head"])
  func partsOfAnMTANMatch(frozen: String) throws {
    let fixture = try Fixture(kind: .mtan, count: 15, tasks: Self.tasks)
    fixture.net.isTrunkFrozen = frozen.contains("trunk")
    fixture.net.areEncodersFrozen = frozen.contains("encoders")
    fixture.net.frozenHeads = frozen.contains("head") ? ["b", "e"] : []
    let slope = try self.slope(fixture, Self.labels(15))
    #expect(abs(slope.measured - slope.expected) < 0.01 * slope.expected, "\(slope)")
  }

  struct Shape: CustomTestStringConvertible {
    let count: Int
    let height: Int
    let width: Int
    var kind = NetworkKind.hydraNet
    var testDescription: String { "\(kind.rawValue), \(count) of \(height)×\(width)" }
  }

  static let shapes = [
    Shape(count: 64, height: 32, width: 32), Shape(count: 65, height: 33, width: 32),
    Shape(count: 3, height: 48, width: 48), Shape(count: 1, height: 64, width: 64),
    Shape(count: 3, height: 100, width: 90), Shape(count: 2, height: 200, width: 200),
    Shape(count: 1, height: 224, width: 224), Shape(count: 2, height: 39, width: 61),
    Shape(count: 64, height: 32, width: 32, kind: .mtan),
    Shape(count: 65, height: 33, width: 32, kind: .mtan),
    Shape(count: 1, height: 64, width: 64, kind: .mtan),
    Shape(count: 3, height: 100, width: 90, kind: .mtan),
    Shape(count: 1, height: 224, width: 224, kind: .mtan),
    Shape(count: 2, height: 39, width: 61, kind: .mtan),
  ]

  /// All parameters at once, at sizes and batches that are multiples of nothing.
  @Test(arguments: shapes) func wholeGradientMatches(shape: Shape) throws {
    let fixture = try Fixture(
      kind: shape.kind, count: shape.count, height: shape.height, width: shape.width,
      tasks: Self.tasks)
    let slope = try self.slope(fixture, Self.labels(shape.count))
    #expect(abs(slope.measured - slope.expected) < 0.01 * slope.expected, "\(slope)")
  }

  /// How the loss changes along the whole gradient, and the gradient's norm.
  private func slope(_ fixture: Fixture, _ labels: [[Float]]) throws -> (
    measured: Double, expected: Double
  ) {
    let base = try loss(fixture, labels)
    fixture.net.backward(taskWeights: Self.weights)
    let norm = Double(fixture.net.gradients.norm())
    let gradients = Dictionary(
      uniqueKeysWithValues: fixture.net.exportGradients().map { ($0.name, $0) })
    let values = fixture.net.exportTensors()
    let distance = min(5e-4 * base / norm, 0.02)
    func moved(_ sign: Float) throws -> Double {
      let step = sign * Float(distance / norm)
      try fixture.net.importTensors(
        values.map { tensor in
          guard let g = gradients[tensor.name]?.floats, let w = tensor.floats else {
            return tensor
          }
          return StateTensor(
            name: tensor.name, shape: tensor.shape, floats: zip(w, g).map { $0 + step * $1 })
        })
      return try loss(fixture, labels)
    }
    return ((try moved(1) - moved(-1)) / (2 * distance), norm)
  }
}
