import Experiment
import Network
import Tensors
import Testing

/// One forward and backward pass, and ten steps of every optimizer, against PyTorch.
@Suite struct PyTorchParityTests {
  static let steps = ["steps", "mtan-steps"].flatMap {
    (try? Golden.load($0, as: [Golden.Step].self)) ?? []
  }
  static let runs = ["runs", "mtan-runs"].flatMap {
    (try? Golden.load($0, as: [Golden.Run].self)) ?? []
  }

  @Test func goldenFilesAreThere() {
    #expect(Self.steps.count == 4 + 5)
    #expect(Self.runs.count == 3 + 1)
  }

  @Test(arguments: steps) func oneStepMatches(golden: Golden.Step) throws {
    let architecture = try #require(golden.trunk)
    let fixture = try Fixture(
      kind: try #require(golden.kind), architecture: architecture,
      stemPool: try #require(golden.pool), count: golden.batch, height: golden.size[0],
      width: golden.size[1], images: golden.images)
    let net = fixture.net
    try net.forward(fixture.images.pointer, count: golden.batch, training: false)
    for (own, theirs) in zip(fixture.logits(), golden.evaluation) {
      #expect(Golden.deviation(own, from: theirs) < 1e-4)
    }

    let losses = try fixture.gradients()
    for (own, theirs) in zip(fixture.logits(), golden.logits) {
      #expect(Golden.deviation(own, from: theirs) < 1e-4)
    }
    for (own, theirs) in zip(losses, golden.losses) { #expect(abs(own - theirs) < 1e-4 * theirs) }

    let gradients = net.exportGradients()
    #expect(Set(gradients.map(\.name)) == Set(golden.gradients.keys))
    for gradient in gradients {
      let floats = try #require(gradient.floats)
      let theirs = try #require(golden.gradients[gradient.name])
      #expect(Golden.deviation(floats, from: theirs) < 1e-4, "\(gradient.name)")
    }
    for tensor in net.exportTensors() {
      if let count = golden.batchesTracked[tensor.name] { #expect(tensor.integers == [count]) }
      guard let theirs = golden.statistics[tensor.name] else { continue }
      let floats = try #require(tensor.floats)
      #expect(Golden.deviation(floats, from: theirs) < 1e-4, "\(tensor.name)")
    }
  }

  @Test(arguments: runs) func tenStepsMatch(golden: Golden.Run) throws {
    let fixture = try Fixture(
      kind: try #require(golden.kind), count: golden.batch, height: golden.size[0],
      width: golden.size[1], images: golden.images)
    let method: OptimizerMethod
    let rate: Float
    let decay: Float
    switch golden.optimizer {
    case "sgd": (method, rate, decay) = (.sgd(momentum: 0.9), 1e-3, 5e-4)
    case "nesterov": (method, rate, decay) = (.sgd(momentum: 0.9, nesterov: true), 1e-3, 5e-4)
    default: (method, rate, decay) = (.adamW(), 1e-5, 0.05)
    }
    let optimizer = try Optimizer(
      method, groups: [ParameterGroup(weightDecay: decay)], model: fixture.net)
    for theirs in golden.history {
      let losses = try fixture.gradients()
      for (own, loss) in zip(losses, theirs) { #expect(abs(own - loss) < 1e-4 * loss) }
      optimizer.step(learningRate: rate)
    }
    for tensor in fixture.net.exportTensors() {
      guard let theirs = golden.state[tensor.name] else { continue }
      let floats = try #require(tensor.floats)
      #expect(Golden.deviation(floats, from: theirs) < 1e-4, "\(tensor.name)")
    }
  }
}
