import Experiment
import Network
import Tensors
import Testing

/// Gradients of single tasks, their sums and norms, and what freezing leaves alone.
@Suite struct TaskGradientTests {
  private func oneHot(_ task: Int) -> [Float] { (0..<3).map { $0 == task ? 1 : 0 } }

  private func floats(_ tensors: [StateTensor]) -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: tensors.compactMap { t in t.floats.map { (t.name, $0) } })
  }

  @Test(arguments: NetworkKind.allCases) func tasksAddUp(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 8)
    _ = try fixture.gradients()
    let sum = try fixture.net.makeGradientArena()
    for task in 0..<3 {
      let own = try fixture.net.makeGradientArena()
      fixture.net.backward(taskWeights: oneHot(task), into: own)
      sum.add(own, scaledBy: Formula.weights[task])
    }
    let whole = Double(fixture.net.gradients.norm())
    sum.add(fixture.net.gradients, scaledBy: -1)
    #expect(Double(sum.norm()) < 1e-5 * whole)
  }

  @Test(arguments: NetworkKind.allCases) func accumulatingAddsUp(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 8)
    _ = try fixture.gradients()
    let twice = try fixture.net.makeGradientArena()
    for _ in 0..<2 {
      fixture.net.backward(
        taskWeights: Formula.weights.map { $0 / 2 }, into: twice, accumulate: twice.norm() > 0)
    }
    twice.add(fixture.net.gradients, scaledBy: -1)
    #expect(twice.norm() < 1e-6 * fixture.net.gradients.norm())
  }

  @Test(arguments: NetworkKind.allCases) func arenaArithmetic(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 4)
    _ = try fixture.gradients()
    let gradients = fixture.net.gradients
    let parts = [GradientScope.trunk, .head(0), .head(1), .head(2)].map {
      Double(gradients.norm($0))
    }
    let square = parts.reduce(0) { $0 + $1 * $1 }
    #expect(abs(Double(gradients.norm()) - square.squareRoot()) < 1e-5 * square.squareRoot())
    let exported = floats(fixture.net.exportGradients()).values.joined()
    let direct = exported.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(square - direct) < 1e-5 * direct)

    let copy = try fixture.net.makeGradientArena()
    copy.copy(gradients)
    copy.scale(by: -2, .trunk)
    #expect(abs(copy.dot(gradients, .trunk) + 2 * parts[0] * parts[0]) < 1e-5 * square)
    copy.clear(.trunk)
    #expect(copy.norm(.trunk) == 0)
    #expect(copy.norm(.head(1)) == gradients.norm(.head(1)))
  }

  @Test(arguments: NetworkKind.allCases) func normsAreThoseOfSingleTasks(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 8)
    _ = try fixture.gradients()
    let before = fixture.net.exportGradients()
    let lastLayer = try fixture.net.lastLayerGradientNorms()
    let features = fixture.net.featureGradientNorms()
    #expect(fixture.net.exportGradients() == before)
    #expect(features.allSatisfy { $0 > 0 && $0.isFinite })
    for task in 0..<3 {
      fixture.net.backward(taskWeights: oneHot(task))
      let gradient = floats(fixture.net.exportGradients())["net.layer4.1.conv2.weight"] ?? []
      let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(Double(lastLayer[task]) - norm) < 1e-5 * norm)
    }
  }

  /// The norms over several batches are those of the sums of gradients.
  @Test(arguments: NetworkKind.allCases) func normsAddUp(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 8)
    _ = try fixture.gradients()
    let norms = try fixture.net.lastLayerGradientNorms()
    var sums: [[Float]] = []
    _ = try fixture.net.lastLayerGradientNorms(shares: [0.25, 1, 0], addingTo: &sums)
    let twice = try fixture.net.lastLayerGradientNorms(shares: [0.75, 1, 0], addingTo: &sums)
    for (task, factor) in [Float(1), 2, 0].enumerated() {
      #expect(abs(twice[task] - factor * norms[task]) <= 1e-5 * norms[task])
    }
  }

  /// ∂loss/∂features through a head by hand: L1's slope is ±1/N, and the head's hidden weights are
  /// the identity with a bias that keeps ReLU open.
  @Test func featureNormByHand() throws {
    let fixture = try Fixture(count: 4)
    let identity = (0..<512 * 512).map { Float($0 / 512 == $0 % 512 ? 1 : 0) }
    let final = Formula.noise("final", 512)
    try fixture.net.importTensors(
      [
        StateTensor(name: "net.fc1.linear.weight", shape: [512, 512], floats: identity),
        StateTensor(
          name: "net.fc1.linear.bias", shape: [512], floats: [Float](repeating: 9, count: 512)),
        StateTensor(name: "net.fc1.final.weight", shape: [1, 512], floats: final),
      ], allowMissing: true)
    _ = try fixture.gradients()
    let norm = final.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    // Four samples of slope 1/4 each.
    #expect(abs(Double(fixture.net.featureGradientNorms()[0]) - norm / 2) < 1e-5 * norm)
  }

  @Test(arguments: TrainingPrecision.available)
  func frozenTrunkStaysAsItIs(precision: TrainingPrecision) throws {
    let fixture = try Fixture(count: 4, precision: precision)
    let before = fixture.net.exportTensors()
    fixture.net.isTrunkFrozen = true
    let optimizer = try Optimizer(
      .adamW(), groups: [ParameterGroup(weightDecay: 0.1)], model: fixture.net)
    try fixture.net.forward(fixture.images.pointer, count: 4, training: false)
    let evaluation = fixture.logits()
    _ = try fixture.gradients()
    // BatchNorm uses its running statistics, so the outputs are those of evaluation.
    #expect(fixture.logits() == evaluation)
    #expect(fixture.net.gradients.norm(.trunk) == 0)
    optimizer.step(learningRate: 0.01)
    for (old, new) in zip(before, fixture.net.exportTensors()) {
      #expect((old == new) == !old.name.hasPrefix("net.fc"), "\(old.name)")
    }
  }

  @Test(arguments: NetworkKind.allCases)
  func frozenHeadStaysButPassesGradientsOn(kind: NetworkKind) throws {
    let free = try Fixture(kind: kind, count: 4)
    _ = try free.gradients()
    let fixture = try Fixture(kind: kind, count: 4)
    fixture.net.frozenHeads = ["gender"]
    let before = fixture.net.exportTensors()
    _ = try fixture.gradients()
    if kind == .hydraNet {
      // The attention's BatchNorm has other statistics, so MTAN's gradients are others.
      #expect(fixture.net.gradients.norm(.trunk) == free.net.gradients.norm(.trunk))
    }
    #expect(fixture.net.gradients.norm(.head(1)) == 0)
    #expect(fixture.net.gradients.norm() > fixture.net.gradients.norm(.trunk))
    let optimizer = try Optimizer(
      .sgd(), groups: [ParameterGroup(weightDecay: 0.1)], model: fixture.net)
    optimizer.step(learningRate: 0.01)
    for (old, new) in zip(before, fixture.net.exportTensors()) {
      let isFrozen = ["net.fc2.", "net.attention2."].contains { old.name.hasPrefix($0) }
      #expect((old == new) == isFrozen, "\(old.name)")
    }
  }

  /// A task that is frozen and without weight trains nothing: whatever its labels, the gradients of
  /// all else are the same to the bit.
  @Test(arguments: NetworkKind.allCases)
  func aStoppedTaskHasNoPart(kind: NetworkKind) throws {
    let weights: [Float] = [Formula.weights[0], 0, Formula.weights[2]]
    let gradients = try [false, true].map { isOther in
      let fixture = try Fixture(kind: kind, count: 6)
      fixture.net.frozenHeads = ["gender"]
      try fixture.net.forward(fixture.images.pointer, count: 6, training: true)
      var labels = fixture.labels
      if isOther { labels[1] = labels[1].map { 1 - $0 } }
      _ = try fixture.net.losses(labels)
      fixture.net.backward(taskWeights: weights)
      return fixture.net.exportGradients()
    }
    #expect(gradients[0] == gradients[1])
    // They are those of the two tasks that are left.
    let fixture = try Fixture(kind: kind, count: 6)
    fixture.net.frozenHeads = ["gender"]
    _ = try fixture.gradients()
    let sum = try fixture.net.makeGradientArena()
    fixture.net.backward(taskWeights: weights)
    for task in [0, 2] {
      let own = try fixture.net.makeGradientArena()
      fixture.net.backward(taskWeights: oneHot(task), into: own)
      sum.add(own, scaledBy: Formula.weights[task])
    }
    sum.add(fixture.net.gradients, scaledBy: -1)
    #expect(sum.norm() < 1e-5 * fixture.net.gradients.norm())
    #expect(fixture.net.gradients.norm(.head(1)) == 0)
  }

  /// What is frozen stays, to BatchNorm's statistics, and everything else moves.
  @Test(arguments: [true, false])
  func frozenPartsOfAnMTANStay(encoders: Bool) throws {
    let fixture = try Fixture(kind: .mtan, count: 4)
    let before = fixture.net.exportTensors()
    fixture.net.isTrunkFrozen = true
    fixture.net.areEncodersFrozen = encoders
    let optimizer = try Optimizer(
      .adamW(), groups: [ParameterGroup(weightDecay: 0.1)], model: fixture.net)
    _ = try fixture.gradients()
    #expect((fixture.net.gradients.norm(.trunk) == 0) == encoders)
    optimizer.step(learningRate: 0.01)
    for (old, new) in zip(before, fixture.net.exportTensors()) {
      let own = ["net.fc", "net.attention"] + (encoders ? [] : ["net.encoder."])
      #expect((old == new) == !own.contains { old.name.hasPrefix($0) }, "\(old.name)")
    }
  }

  @Test func groupsScaleTheLearningRate() throws {
    let fixture = try Fixture(count: 4)
    let before = fixture.net.exportTensors()
    let optimizer = try Optimizer(
      .sgd(),
      groups: [
        ParameterGroup(), ParameterGroup(prefix: "net.layer", learningRateScale: 0),
        ParameterGroup(prefix: "net.layer4.1.bn2", learningRateScale: 1),
      ], model: fixture.net)
    _ = try fixture.gradients()
    optimizer.step(learningRate: 0.1)
    for (old, new) in zip(before, fixture.net.exportTensors())
    where old.floats != nil && !old.name.contains("running") {
      let frozen =
        old.name.hasPrefix("net.layer") && !old.name.hasPrefix("net.layer4.1.bn2")
      #expect((old == new) == frozen, "\(old.name)")
    }
  }
}
