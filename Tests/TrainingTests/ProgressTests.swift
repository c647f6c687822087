import Experiment
import Foundation
import Reports
import Testing
import Training

@Suite struct ProgressTests {
  private func record(_ epoch: Int, _ figures: [String: Double], train: Double = 1) -> EpochRecord {
    EpochRecord(
      epoch: epoch, step: epoch, learningRate: 0, train: ["loss": train], validation: figures,
      imagesPerSecond: 0, dataWait: 0, seconds: 0)
  }

  /// The best epoch that a list keeps is the best of the records, whatever the metric.
  @Test(arguments: [
    ("loss", true, [8, 7, 7, .nan], 2), ("age_mae", true, [.nan, 9, 3, 4], 3),
    ("race_accuracy", true, [0.5, 0.75, 0.75, 0.25], 2),
    ("race_accuracy", true, [.nan, .nan, 0.25, .nan], 3),
    ("race_accuracy", false, [0.5, 0.25, 0.75, 0.5], 2), ("loss", false, [3, 2, 1, 4], 3),
  ])
  func theBestEpochIsOfItsMetric(
    _ name: String, _ hasValidation: Bool, _ values: [Double], _ expected: Int
  ) {
    let metric = BestMetric(name, hasValidation: hasValidation)
    #expect(metric.name == (hasValidation ? name : "train_loss"))
    let records = values.enumerated().map {
      hasValidation ? record($0 + 1, [name: $1]) : record($0 + 1, [:], train: $1)
    }
    var best = BestEpochs(by: metric)
    for record in records { _ = best.add(record, limit: 1) }
    #expect(best.entries.map(\.epoch) == [expected])
    #expect(metric.best(of: records)?.epoch == expected)
  }

  @Test func bestEpochsAreRanked() {
    var best = BestEpochs(by: BestMetric("loss", hasValidation: true))
    var added = best.add(record(1, ["loss": 8]), limit: 2)
    #expect(added.isBest && added.isKept && added.dropped.isEmpty)
    added = best.add(record(2, ["loss": 7]), limit: 2)
    #expect(added.isBest && added.dropped.isEmpty)
    added = best.add(record(3, ["loss": 7]), limit: 2)
    #expect(!added.isBest && added.isKept && added.dropped == [1])
    added = best.add(record(4, [:]), limit: 2)
    #expect(!added.isBest && !added.isKept && added.dropped == [4])
    #expect(best.entries.map(\.epoch) == [2, 3])
  }

  @Test func aCheckpointsNumbersComeBackToTheBit() throws {
    var sums = EpochSums(taskCount: 2)
    sums.add(images: 3, losses: [0.1, 1e-9], weights: [1 / 3, 7], total: 0.1 + 0.2)
    var best = BestEpochs(by: BestMetric("race_accuracy", hasValidation: true))
    _ = best.add(record(1, ["race_accuracy": -.infinity]), limit: 1)
    var progress = TrainingProgress(sums: sums, balancing: .init(), best: best)
    progress.batch = 7
    progress.step = 3
    let data = try JSONEncoder().encode(progress)
    #expect(try JSONDecoder().decode(TrainingProgress.self, from: data) == progress)
  }

  @Test func meansCountByImages() {
    var sums = EpochSums(taskCount: 1)
    sums.add(images: 3, losses: [1], weights: [2], total: 2)
    sums.add(images: 1, losses: [5], weights: [4], total: 20)
    let figures = sums.figures([TaskSettings(name: "age", kind: .regression)])
    #expect(figures == ["loss": 6.5, "age_loss": 2, "age_weight": 3])
  }

  @Test func binsGroupLabels() throws {
    var task = TaskSettings(name: "group", column: "age", kind: .categorical, classes: 3)
    task.bins = [18, 40]
    let labels = TaskLabels(task)
    #expect([0, 17, 18, 39, 40, 255].map { labels.value(of: $0) } == [0, 0, 1, 1, 2, 2])
    #expect(try labels.counts(in: [1, 20, 30, 50], split: "train") == [1, 2, 1])
  }

  @Test func foreignLabelsAreRefused() {
    let labels = TaskLabels(TaskSettings(name: "race", kind: .categorical, classes: 5))
    let error = #expect(throws: TrainingError.self) {
      try labels.counts(in: [0, 4, 5], split: "train")
    }
    #expect(
      error?.description.hasPrefix(
        "sample 2 of train has the label 5 in column race, but task race has 5 classes") == true)
  }

  @Test func balancedWeightsMakeClassesEqual() {
    #expect(balancedWeights([2, 6, 0]) == [2, 2.0 / 3, 0])
  }

  @Test func partsFollowFreezeAndTrainOnly() throws {
    var settings = TrainSettings()
    settings.freeze = ["trunk", "heads.age"]
    settings.lrFactors = ["heads": 2, "heads.race": 3]
    var parts = try TrainableParts(settings)
    #expect(!parts.trainsTrunk && parts.trainsHead == [false, true, true])
    #expect(parts.trunkFactor == 1 && parts.headFactors == [2, 2, 3])
    settings.freeze = []
    settings.trainOnly = ["heads.gender"]
    parts = try TrainableParts(settings)
    #expect(!parts.trainsTrunk && parts.trainsHead == [false, true, false])
    settings.trainOnly = []
    settings.freeze = ["trunk", "heads"]
    #expect(throws: TrainingError.self) { try TrainableParts(settings) }
    settings.model.name = .mtan
    settings.lrFactors = ["encoders": 0.5]
    parts = try TrainableParts(settings)
    #expect(parts.trainsEncoders && !parts.trainsTrunk && parts.encoderFactor == 0.5)
    settings.freeze = ["trunk", "encoders", "heads"]
    #expect(throws: TrainingError.self) { try TrainableParts(settings) }
  }
}
