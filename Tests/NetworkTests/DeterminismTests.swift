import Experiment
import Network
import Tensors
import Testing
import Threads

/// Bit by bit: threads, batch capacity, stopping and resuming, and looking at weights change
/// nothing.
@Suite struct DeterminismTests {
  /// Three steps with weight decay, which moves idle taps too.
  private func train(
    _ fixture: Fixture, _ optimizer: Optimizer, steps: Range<Int>, looking: Bool = false
  ) throws {
    for step in steps {
      _ = try fixture.gradients()
      if step % 2 == 1 { fixture.net.gradients.scale(by: 0.5 / fixture.net.gradients.norm()) }
      optimizer.step(learningRate: 1e-3 / Float(step + 1))
      if looking { _ = fixture.net.exportTensors() }
    }
  }

  static let methods: [OptimizerMethod] = [
    .sgd(), .sgd(momentum: 0.9, nesterov: true), .adamW(),
  ]

  private func optimizer(_ method: OptimizerMethod, _ fixture: Fixture) throws -> Optimizer {
    try Optimizer(
      method,
      groups: [
        ParameterGroup(weightDecay: 0.01),
        ParameterGroup(prefix: "net.fc", learningRateScale: 2, weightDecay: 0),
      ], model: fixture.net)
  }

  @Test(arguments: [2, 3, 7], Fixture.networks)
  func threadsChangeNothing(threads: Int, network: (NetworkKind, TrainingPrecision)) throws {
    let states = try [1, threads].map { threads in
      let fixture = try Fixture(
        kind: network.0, count: 10, height: 40, threads: threads, precision: network.1)
      let optimizer = try optimizer(.sgd(momentum: 0.9), fixture)
      try train(fixture, optimizer, steps: 0..<3)
      return fixture.net.exportTensors() + optimizer.exportState()
    }
    #expect(states[0] == states[1])
  }

  @Test func threadsChangeNoInitialization() throws {
    let states = try [1, 3].map { threads in
      try HydraNet(
        HydraConfiguration(tasks: TaskSettings.article),
        input: InputLayout(batchCapacity: 2, height: 32, width: 32),
        pool: ThreadPool(threadCount: threads), seed: 5
      ).exportTensors()
    }
    #expect(states[0] == states[1])
  }

  @Test(arguments: Fixture.networks)
  func roomForMoreSamplesChangesNothing(network: (NetworkKind, TrainingPrecision)) throws {
    let states = try [7, 70].map { capacity in
      let fixture = try Fixture(
        kind: network.0, count: 7, capacity: capacity, precision: network.1)
      // What the unused samples hold must not be read.
      if capacity > 7 {
        let layout = fixture.net.input
        for i in 0..<layout.rowStride {
          fixture.images.pointer[layout.rowOffset(sample: 7, row: 3) - 9 + i] = .nan
        }
      }
      _ = try fixture.gradients()
      return fixture.net.exportGradients()
    }
    #expect(states[0] == states[1])
  }

  @Test(arguments: methods, NetworkKind.allCases)
  func lookingChangesNothing(method: OptimizerMethod, kind: NetworkKind) throws {
    let states = try [false, true].map { looking in
      let fixture = try Fixture(kind: kind, count: 4)
      let optimizer = try optimizer(method, fixture)
      try train(fixture, optimizer, steps: 0..<4, looking: looking)
      return fixture.net.exportTensors() + optimizer.exportState()
    }
    #expect(states[0] == states[1])
  }

  @Test(arguments: methods, NetworkKind.allCases)
  func resumingChangesNothing(method: OptimizerMethod, kind: NetworkKind) throws {
    let whole = try Fixture(kind: kind, count: 4)
    let wholeOptimizer = try optimizer(method, whole)
    try train(whole, wholeOptimizer, steps: 0..<2)
    let saved = (whole.net.exportTensors(), wholeOptimizer.exportState())
    try train(whole, wholeOptimizer, steps: 2..<5)

    let resumed = try Fixture(kind: kind, count: 4)
    let resumedOptimizer = try optimizer(method, resumed)
    try resumed.net.importTensors(saved.0)
    try resumedOptimizer.importState(saved.1)
    #expect(resumedOptimizer.stepCount == 2)
    try train(resumed, resumedOptimizer, steps: 2..<5)
    #expect(resumed.net.exportTensors() == whole.net.exportTensors())
    #expect(resumedOptimizer.exportState() == wholeOptimizer.exportState())
  }
}
