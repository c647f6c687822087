import Experiment
import Network
import Tensors
import Testing
import Threads

/// What the engine refuses, and that it says why.
@Suite struct RefusalTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test func configurations() {
    let age = TaskSettings(name: "age", kind: .regression)
    func race(_ classes: Int, _ change: (inout TaskSettings) -> Void = { _ in }) -> TaskSettings {
      var task = TaskSettings(name: "race", kind: .categorical, classes: classes)
      change(&task)
      return task
    }
    var gender = TaskSettings(name: "x", kind: .binary)
    gender.positiveWeight = -1
    let table: [([TaskSettings], String)] = [
      ([], "at least one task"),
      ([age, age], "age appears twice"),
      ([TaskSettings(name: "x", kind: .binary, loss: .l1)], "one of bce for a binary task"),
      ([TaskSettings(name: "x", kind: .regression, loss: .bce)], "for a regression task"),
      ([gender], "positive_weight: expected a number above 0"),
      ([race(1)], "from 2 to 1000, got 1"),
      ([race(3) { $0.classWeights = .list([1, 1]) }], "expected 3 numbers"),
      ([race(2) { $0.classWeights = .list([0, 0]) }], "not all 0"),
      ([race(2) { $0.classWeights = .balanced }], "must be numbers"),
      ([race(2) { $0.labelSmoothing = 1 }], "label_smoothing"),
      (
        [TaskSettings(name: "age", kind: .regression, loss: .dldl)],
        "the range of its distribution is not known"
      ),
    ]
    for (tasks, expected) in table {
      let text = message { _ = try HydraConfiguration(tasks: tasks) }
      #expect(text.contains(expected), "\(text)")
    }
  }

  @Test func imageSizes() {
    for (height, width) in [(31, 32), (32, 8), (1025, 32)] {
      let text = message {
        _ = try HydraNet(
          HydraConfiguration(tasks: TaskSettings.article),
          input: InputLayout(batchCapacity: 1, height: height, width: width),
          pool: ThreadPool(threadCount: 1), seed: 1)
      }
      #expect(text.contains("each side is from 32 to 1024"), "\(text)")
    }
  }

  @Test func labels() throws {
    let fixture = try Fixture(count: 2, height: 64, width: 64)
    try fixture.net.forward(fixture.images.pointer, count: 2, training: false)
    let table: [([[Float]], String)] = [
      ([[1, 2], [0, 1]], "labels of 2 tasks do not fit 3 heads"),
      ([[1], [0, 1], [0, 1]], "task age: 1 labels for 2 images"),
      ([[1, .infinity], [0, 1], [0, 1]], "task age: the label of sample 1 in the batch is inf"),
      ([[1, 1], [0, 2], [0, 1]], "expected 0 or 1"),
      ([[1, 1], [0, 1], [0, 5]], "is 5.0, expected a class from 0 to 4"),
      ([[1, 1], [0, 1], [0.5, 1]], "is 0.5, expected a class"),
      ([[1, 1], [0, 1], [-1, 1]], "is -1.0, expected a class"),
    ]
    for (labels, expected) in table {
      let text = message { _ = try fixture.net.losses(labels) }
      #expect(text.contains(expected), "\(text)")
    }
  }

  /// PyTorch: "Expected more than 1 value per channel when training".
  @Test(arguments: NetworkKind.allCases) func singleValueForBatchNorm(kind: NetworkKind) throws {
    let fixture = try Fixture(kind: kind, count: 1)
    // A HydraNet whose trunk is frozen has no BatchNorm that trains.
    fixture.net.isTrunkFrozen = kind == .mtan
    let text = message {
      try fixture.net.forward(fixture.images.pointer, count: 1, training: true)
    }
    #expect(text.contains("a training batch of 1 image of 32×32"), "\(text)")
    try fixture.net.forward(fixture.images.pointer, count: 1, training: false)
  }

  @Test func imports() throws {
    let fixture = try Fixture(count: 2)
    let good = fixture.net.exportTensors()
    func with(_ tensor: StateTensor) -> [StateTensor] {
      good.map { $0.name == tensor.name ? tensor : $0 }
    }
    let bias = "net.fc1.final.bias"
    let table: [([StateTensor], String)] = [
      (good + [good[0]], "net.conv1.weight appears twice"),
      (good.filter { $0.name != bias }, "lack tensor \(bias): "),
      (Array(good.dropFirst(2)), "lack tensor net.conv1.weight and 1 more"),
      (good + [StateTensor(name: "x", shape: [1], floats: [1])], "no tensor x"),
      (
        with(StateTensor(name: bias, shape: [2], floats: [1, 2])),
        "\(bias) has shape [2], expected [1]"
      ),
      (with(StateTensor(name: bias, shape: [1], integers: [1])), "holds integers"),
      (
        with(StateTensor(name: "net.bn1.num_batches_tracked", shape: [], floats: [1])),
        "holds floats, expected integers"
      ),
    ]
    for (tensors, expected) in table {
      let changed = tensors.map { tensor in
        tensor.name == "net.bn1.bias"
          ? StateTensor(name: tensor.name, shape: [64], floats: Formula.noise("x", 64)) : tensor
      }
      let text = message { try fixture.net.importTensors(changed) }
      #expect(text.contains(expected), "\(text)")
      #expect(fixture.net.exportTensors() == good)
    }
    let report = try fixture.net.importTensors(
      [
        StateTensor(name: "x", shape: [1], floats: [1]),
        StateTensor(name: bias, shape: [1], floats: [3]),
      ], allowMissing: true, ignoreUnknown: true)
    #expect(report.imported == [bias])
    #expect(report.unexpected == ["x"])
    #expect(
      report.missing.count == good.filter { !$0.name.hasSuffix("num_batches_tracked") }.count - 1)
  }

  @Test func optimizers() throws {
    let net = try Fixture(count: 2).net
    let table: [(OptimizerMethod, ParameterGroup, String)] = [
      (.sgd(momentum: 1), ParameterGroup(), "momentum is from 0 to below 1, not 1.0"),
      (.sgd(nesterov: true), ParameterGroup(), "needs a momentum above 0"),
      (.adamW(beta1: -0.1), ParameterGroup(), "betas"),
      (.adamW(epsilon: 0), ParameterGroup(), "epsilon"),
      (.sgd(), ParameterGroup(weightDecay: -1), "finite and 0 or more"),
      (.sgd(), ParameterGroup(prefix: "net.fc9"), "no parameter's name begins with \"net.fc9\""),
    ]
    for (method, group, expected) in table {
      let text = message { _ = try Optimizer(method, groups: [group], model: net) }
      #expect(text.contains(expected), "\(text)")
    }
    let sgd = try Optimizer(.sgd(momentum: 0.5), groups: [], model: net)
    let state = sgd.exportState()
    let counts = [
      StateTensor(
        name: state[0].name, shape: state[0].shape,
        integers: state[0].integers?.map { $0 - 1 } ?? [])
    ]
    let states: [([StateTensor], String)] = [
      (Array(state.dropLast()), "optimizer state lacks momentum.net.fc3.final.bias"),
      (state + [state[1]], "appears twice"),
      (counts + state.dropFirst(), "integers from 0"),
      (
        state.dropLast() + [
          StateTensor(name: "momentum.net.fc3.final.bias", shape: [1], floats: [0])
        ], "has shape [1], expected [5]"
      ),
    ]
    for (tensors, expected) in states {
      let text = message { try sgd.importState(tensors) }
      #expect(text.contains(expected), "\(text)")
    }
    let adamW = try Optimizer(.adamW(), groups: [], model: net)
    let text = message { try adamW.importState(state) }
    #expect(text.contains("of another optimizer"), "\(text)")
  }
}
