import Experiment
import Testing
import Training

@Suite struct ScheduleTests {
  let golden: Golden

  init() throws { golden = try Golden.load() }

  private func schedule(
    _ settings: ScheduleSettings, lr: Double = 0.02, stepsPerEpoch: Int, epochs: Int
  ) -> LearningRateSchedule {
    var optimizer = OptimizerSettings()
    optimizer.lr = lr
    optimizer.momentum = 0.9
    return LearningRateSchedule(
      settings, optimizer: optimizer, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
  }

  private func expect(_ schedule: LearningRateSchedule, equals rows: [[Double]]) {
    for (step, row) in rows.enumerated() {
      #expect(close(schedule.rate(at: step), row[0], 1e-14), "rate of step \(step)")
      #expect(close(schedule.momentum(at: step), row[1], 1e-14), "momentum of step \(step)")
    }
  }

  @Test func oneCycleIsPyTorchs() {
    var settings = ScheduleSettings()
    settings.name = .oneCycle
    expect(schedule(settings, stepsPerEpoch: 8, epochs: 5), equals: golden.oneCycle)
    settings.cycleMomentum = false
    expect(schedule(settings, stepsPerEpoch: 4, epochs: 5), equals: golden.oneCycleStill)
  }

  @Test func oneCycleTakesEveryConstant() {
    var settings = ScheduleSettings()
    settings.name = .oneCycle
    settings.percentStart = 0.25
    settings.divFactor = 10
    settings.finalDivFactor = 100
    settings.baseMomentum = 0.8
    settings.maxMomentum = 0.9
    expect(schedule(settings, stepsPerEpoch: 37, epochs: 1), equals: golden.oneCycleCustom)
  }

  @Test func stepAndCosineArePyTorchs() {
    var settings = ScheduleSettings()
    settings.name = .step
    settings.stepEpochs = 3
    let steps = schedule(settings, lr: 0.5, stepsPerEpoch: 1, epochs: 12)
    settings.name = .cosine
    settings.minimumFactor = 0.1
    let cosine = schedule(settings, lr: 0.5, stepsPerEpoch: 4, epochs: 3)
    for step in 0..<12 {
      #expect(close(steps.rate(at: step), golden.step[step]))
      #expect(close(cosine.rate(at: step), golden.cosine[step]))
    }
  }

  @Test func warmUpRisesInALine() {
    var settings = ScheduleSettings()
    settings.name = .constant
    settings.warmupEpochs = 2
    let schedule = schedule(settings, lr: 1, stepsPerEpoch: 5, epochs: 4)
    #expect(
      (0..<12).map { schedule.rate(at: $0) } == [
        0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1,
      ])
    #expect(schedule.momentum(at: 0) == 0.9)
  }

  @Test(arguments: [1, 2, 3])
  func shortestRunsHaveFiniteRates(_ steps: Int) {
    var settings = ScheduleSettings()
    settings.name = .oneCycle
    let schedule = schedule(settings, stepsPerEpoch: steps, epochs: 1)
    for step in 0...steps {
      #expect(schedule.rate(at: step) > 0 && schedule.rate(at: step) <= 0.02)
      #expect((0.85...0.95).contains(schedule.momentum(at: step)))
    }
  }
}
