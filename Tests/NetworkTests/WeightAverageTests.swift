import Experiment
import Network
import Tensors
import Testing

/// The averaged weights, and the BatchNorm statistics that belong to them.
@Suite struct WeightAverageTests {
  private func floats(_ tensors: [StateTensor]) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: tensors.compactMap { t in t.floats.map { (t.name, $0) } })
  }

  private func optimizer(_ fixture: Fixture) throws -> Optimizer {
    try Optimizer(
      .sgd(momentum: 0.9), groups: [ParameterGroup(weightDecay: 0.01)], model: fixture.net)
  }

  private func step(_ fixture: Fixture, _ optimizer: Optimizer, rate: Float = 0.01) throws {
    _ = try fixture.gradients()
    optimizer.step(learningRate: rate)
  }

  /// As PyTorch's `get_ema_multi_avg_fn` with `use_buffers`: every float moves by 1 − decay of its
  /// distance, parameters and statistics alike; counters are copied.
  @Test(arguments: NetworkKind.allCases) func everyFloatIsAveraged(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 4)
    let optimizer = try optimizer(fixture)
    let average = try fixture.net.makeAverage()
    var expected = floats(fixture.net.exportTensors()).mapValues { $0.map { Double($0) } }
    for decay in [0.5, 0.75, 0.9] {
      try step(fixture, optimizer)
      average.update(decay: Float(decay))
      for (name, values) in floats(fixture.net.exportTensors()) {
        expected[name] = zip(expected[name] ?? [], values).map {
          $0 + (1 - decay) * (Double($1) - $0)
        }
      }
    }
    let live = fixture.net.exportTensors()
    let found = fixture.net.withAverage(average) { fixture.net.exportTensors() }
    #expect(fixture.net.exportTensors() == live)
    var statistics = 0
    for (own, averaged) in zip(live, found) {
      guard let values = averaged.floats else {
        #expect(own == averaged, "\(own.name)")
        continue
      }
      if own.name.contains(".running_") {
        statistics += 1
        #expect(own != averaged, "\(own.name)")
      }
      // Taps that no gradient reaches are the model's own.
      if own == averaged { continue }
      let target = try #require(expected[own.name])
      let isLive = zip(values, own.floats ?? []).map { $0 != $1 }
      let worst = zip(zip(values, target), isLive).reduce(0.0) { worst, next in
        let ((value, wanted), isLive) = next
        return isLive ? max(worst, abs(Double(value) - wanted) / max(1, abs(wanted))) : worst
      }
      #expect(worst < 1e-6, "\(own.name): \(worst)")
    }
    #expect(statistics == 2 * (kind == .hydraNet ? 20 : 47))
  }

  /// Two updates by hand: running means that are 8, then 4, with decays of ½ and ¼.
  @Test func statisticsByHand() throws {
    let fixture = try Fixture(count: 2)
    let name = "net.bn1.running_mean"
    func set(_ value: Float) throws {
      try fixture.net.importTensors(
        [StateTensor(name: name, shape: [64], floats: [Float](repeating: value, count: 64))],
        allowMissing: true)
    }
    try set(0)
    let average = try fixture.net.makeAverage()
    try set(8)
    average.update(decay: 0.5)
    try set(4)
    average.update(decay: 0.25)
    // ½·0 + ½·8 = 4, and ¼·4 + ¾·4 = 4.
    #expect(floats(average.exportTensors())[name]?.allSatisfy { $0 == 4 } == true)
    try set(0)
    average.update(decay: 0.25)
    #expect(floats(average.exportTensors())[name]?.allSatisfy { $0 == 1 } == true)
    #expect(floats(fixture.net.exportTensors())[name]?.allSatisfy { $0 == 0 } == true)
  }

  /// What the network answers with averaged weights is what a network of those weights and those
  /// statistics answers.
  @Test func evaluationUsesTheAveragedStatistics() throws {
    let fixture = try Fixture(count: 4)
    let optimizer = try optimizer(fixture)
    let average = try fixture.net.makeAverage()
    for _ in 0..<3 {
      try step(fixture, optimizer)
      average.update(decay: 0.8)
    }
    func evaluate(_ fixture: Fixture) throws -> [[Float]] {
      try fixture.net.forward(fixture.images.pointer, count: 4, training: false)
      return fixture.logits()
    }
    let (state, averaged) = try fixture.net.withAverage(average) {
      (fixture.net.exportTensors(), try evaluate(fixture))
    }
    let other = try Fixture(count: 4)
    try other.net.importTensors(state)
    #expect(try evaluate(other) == averaged)
    #expect(try evaluate(fixture) != averaged)
  }

  /// An average that was written and read goes on with the same bits.
  @Test(arguments: NetworkKind.allCases) func anAverageGoesOn(kind: NetworkKind) throws {
    let whole = try Fixture(kind: kind, count: 4)
    let optimizer = try optimizer(whole)
    let average = try whole.net.makeAverage()
    try step(whole, optimizer)
    average.update(decay: 0.5)
    let (state, moments, saved) = (
      whole.net.exportTensors(), optimizer.exportState(), average.exportTensors()
    )
    try step(whole, optimizer)
    average.update(decay: 0.5)

    let parts = try Fixture(kind: kind, count: 4)
    let second = try self.optimizer(parts)
    let resumed = try parts.net.makeAverage()
    try parts.net.importTensors(state)
    try second.importState(moments)
    try resumed.importTensors(saved)
    try step(parts, second)
    resumed.update(decay: 0.5)
    #expect(resumed.exportTensors() == average.exportTensors())
  }

  /// A part that is frozen on the way keeps its average, to the bit.
  @Test func frozenPartsKeepTheirAverage() throws {
    let fixture = try Fixture(kind: .mtan, count: 4)
    let optimizer = try optimizer(fixture)
    let average = try fixture.net.makeAverage()
    try step(fixture, optimizer)
    average.update(decay: 0.5)
    let before = average.exportTensors()
    fixture.net.frozenHeads = ["gender"]
    try step(fixture, optimizer)
    average.update(decay: 0.5)
    for (old, new) in zip(before, average.exportTensors()) {
      let isFrozen = ["net.fc2.", "net.attention2."].contains { old.name.hasPrefix($0) }
      #expect((old == new) == isFrozen, "\(old.name)")
    }
  }

  @Test func averagesOfOtherNetworksAreRefused() throws {
    let fixture = try Fixture(count: 2)
    let average = try fixture.net.makeAverage()
    let saved = average.exportTensors()
    // As versions wrote them that did not average statistics.
    let parameters = saved.filter { !$0.name.contains(".running_") }
    let error = #expect(throws: ModelError.self) { try average.importTensors(parameters) }
    #expect(error?.description.contains("expected \(saved.count): they are of another") == true)
    var renamed = saved
    renamed[0] = StateTensor(name: "other", shape: saved[0].shape, floats: saved[0].floats ?? [])
    #expect(throws: ModelError.self) { try average.importTensors(renamed) }
    #expect(average.exportTensors() == saved)
  }
}
