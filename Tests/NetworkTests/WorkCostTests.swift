import Experiment
import Network
import Testing
import Threads

/// What the loops of a step say of their costs, and what a plan makes of their times.
@Suite struct WorkCostTests {
  private func works(
    batch: Int, size: Int, _ kind: NetworkKind = .hydraNet, _ stemPool: StemPool = .max,
    _ precision: TrainingPrecision = .f32
  ) throws -> (works: [RecordedWork], flops: Double) {
    let step = try MeasuredStep(
      StepShape(batch: batch, size: size, kind: kind, stemPool: stemPool, precision: precision),
      pool: ThreadPool(threadCount: 2))
    // The first step transposes weights, which later ones do with the update.
    try step.run()
    let works = try step.recorded().regions.flatMap(\.works)
    return (works, Double(batch) * step.net.stepFlops(.performed))
  }

  @Test(arguments: [(2, 32), (5, 40), (3, 64)], Fixture.networks)
  func costsSumToTheNetworks(
    _ shape: (batch: Int, size: Int), network: (NetworkKind, TrainingPrecision)
  ) throws {
    for stemPool in StemPool.allCases {
      let (works, flops) = try works(
        batch: shape.batch, size: shape.size, network.0, stemPool, network.1)
      #expect(works.reduce(0) { $0 + $1.cost.flops } == flops)
      #expect(works.allSatisfy { $0.cost.bytesRead > 0 })
      #expect(works.allSatisfy { $0.seconds > 0 && !$0.taskSeconds.isEmpty })
    }
  }

  /// Bytes counted by hand, at 32×32: maps of 64 channels of 8×8 pixels, four tiles of 36 products.
  @Test func bytesAreThoseOfTheOperands() throws {
    let batch = 4
    let works = try works(batch: batch, size: 32).works
    let map = 8 * 8 * 64 * batch * 4
    let transformed = 36 * 4 * 64 * batch * 4
    let filter = 36 * 64 * 64 * 4
    let weights = 9 * 64 * 64 * 4
    let products = 36 * 4 * 64 * 64 * batch
    let expected: [(String, WorkPass, WorkCost)] = [
      (
        "net.layer1.0.conv1", .forward,
        WorkCost(multiplyAdds: products, bytesRead: transformed + filter, bytesWritten: map)
      ),
      (
        "net.layer1.0.conv1", .gradientTransform,
        WorkCost(bytesRead: 2 * map, bytesWritten: transformed)
      ),
      (
        "net.layer1.0.conv1", .weightTransform,
        WorkCost(bytesRead: weights, bytesWritten: 2 * filter)
      ),
      // Weights, momentum and gradient; weights and momentum.
      (
        "net.layer1.0.conv1", .optimizer,
        WorkCost(bytesRead: 3 * weights, bytesWritten: 2 * weights)
      ),
      ("net.layer1.0.bn1", .normalization, WorkCost(bytesRead: map, bytesWritten: map)),
      // With the shortcut.
      ("net.layer1.0.bn2", .normalization, WorkCost(bytesRead: 2 * map, bytesWritten: map)),
      // From 16×16 pixels; the maxima and where they were.
      ("net.maxpool", .pooling, WorkCost(bytesRead: 4 * map, bytesWritten: 2 * map)),
      // 1×1 of stride 2: a quarter of the pixels.
      (
        "net.layer2.0.downsample.0", .forward,
        WorkCost(
          multiplyAdds: 16 * 64 * 128 * batch, bytesRead: map / 4 + 64 * 128 * 4,
          bytesWritten: map / 2)
      ),
      (
        "net.layer2.0.conv1+downsample.0", .inputGradient,
        WorkCost(
          // A 3×3 kernel of stride 2 meets an 8×8 map 11 times along each side.
          multiplyAdds: (11 * 11 + 16) * 64 * 128 * batch,
          // Both gradients and weights; the block's output, and what its BatchNorm normalized.
          bytesRead: 2 * map / 2 + 10 * 64 * 128 * 4 + 2 * map, bytesWritten: map)
      ),
    ]
    for (layer, pass, cost) in expected {
      let label = WorkLabel(layer: layer, pass: pass)
      #expect(works.filter { $0.label == label }.map(\.cost) == [cost], "\(label)")
    }
  }

  /// Recording changes no result.
  @Test func recordedStepsLearnTheSame() throws {
    let states = try [false, true].map { recorded in
      let step = try MeasuredStep(
        StepShape(batch: 4, size: 32), pool: ThreadPool(threadCount: 2))
      for _ in 0..<3 {
        if recorded { _ = try step.recorded() } else { try step.run() }
      }
      return step.net.exportTensors()
    }
    #expect(states[0] == states[1])
  }

  private let machine = ThreadPlan.Machine(
    threadBandwidth: 10, bandwidthLimit: 35, regionSeconds: 1e-6,
    measuredThreads: 2)

  @Test(arguments: [(1, 10, 0), (2, 20, 1e-6), (4, 35, 1.4e-6), (16, 35, 3.8e-6)])
  func machinesGrow(threads: Int, bandwidth: Double, region: Double) {
    #expect(machine.bandwidth(threadCount: threads) == bandwidth)
    #expect(abs(machine.regionSeconds(threadCount: threads) - region) < 1e-12)
  }

  /// On two threads: 1 s alone, four tasks of 1 s; then a task that is too long; then one whose bytes
  /// take longer than the schedule; and a single one without the team.
  @Test func plansAddUp() {
    func region(_ before: Double, _ tasks: [Double], bytes: Int = 0) -> ThreadPlan.Region {
      .init(name: "", secondsBefore: before, tasks: tasks, bytes: bytes)
    }
    let machine = ThreadPlan.Machine(
      threadBandwidth: 10, bandwidthLimit: 18, regionSeconds: 1e-6, measuredThreads: 2)
    let plan = ThreadPlan(
      regions: [
        region(1, [1, 1, 1, 1]), region(0, [1, 5]), region(0, [5, 5], bytes: 180),
        region(0, [2]),
        // Most of its bytes came from a cache: one thread could not have moved more than 20.
        region(0, [1, 1], bytes: 1000),
      ], secondsAfter: 3, machine: machine)
    #expect(plan.seconds == 28)
    let prediction = plan.prediction(threadCount: 2)
    let ends = 4e-6
    let expected: [(alone: Double, tail: Double, memory: Double)] = [
      (0.5, 0, 0), (0, 2, 0), (0, 0, 100.0 / 18 - 5), (0, 1, 0), (0, 0, 20.0 / 18 - 1),
    ]
    for (loss, expected) in zip(prediction.regionLosses, expected) {
      #expect(abs(loss.alone - expected.alone) < 1e-9 && abs(loss.tail - expected.tail) < 1e-9)
      #expect(abs(loss.memory - expected.memory) < 1e-9)
    }
    let seconds = 1 + 2 + 5 + 100.0 / 18 + 2 + 20.0 / 18 + 3 + ends
    #expect(abs(prediction.seconds - seconds) < 1e-9)
    #expect(abs(prediction.efficiency - 14 / seconds) < 1e-9)
    #expect(abs(plan.prediction(threadCount: 1).seconds - 28) < 1e-9)
  }
}
