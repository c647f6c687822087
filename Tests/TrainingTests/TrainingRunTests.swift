import Experiment
import Foundation
import PipelineFiles
import Testing
import Training
import WeightFiles

/// Whole runs on a small store. Serialized: each takes all cores.
@Suite(.serialized) struct TrainingRunTests {
  let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  @discardableResult
  private func train(
    _ settings: TrainSettings, resume: Bool = false, stoppingAfter step: Int? = nil
  ) throws -> TrainingRun {
    let run = try TrainingRun(
      settings, start: resume ? .resume : .new(overwrite: false), quiet: true)
    let ending = try run.train(stoppingAfter: step)
    #expect(ending == (step == nil ? .finished : .interrupted))
    return run
  }

  /// What of the records does not depend on the clock.
  private func figures(_ name: String) throws -> [[String: Double]] {
    try RunFolder(fixture.run(name)).records().flatMap { [$0.train, $0.validation] }
  }

  @Test(arguments: [
    (NetworkKind.hydraNet, BalanceSettings.Method.sum), (.hydraNet, .dwa),
    (.hydraNet, .gradnorm), (.hydraNet, .pcgrad), (.hydraNet, .famo), (.hydraNet, .imtlG),
    (.mtan, .sum), (.mtan, .gradnorm),
    (.mtan, .pcgrad),
  ])
  func aResumedRunIsTheSameToTheBit(
    _ model: NetworkKind, _ method: BalanceSettings.Method
  ) throws {
    var settings = fixture.settings("whole")
    settings.model.name = model
    settings.balance.method = method
    if method == .sum {
      settings.ema = 0.9
      settings.clipNorm = 1
      settings.accumulate = 2
    }
    if method == .gradnorm { settings.optimizer.name = .adamw }
    let steps = try train(settings).step
    settings.output = fixture.run("parts")
    try train(settings, stoppingAfter: 1)
    try train(settings, resume: true, stoppingAfter: steps - 1)
    try train(settings, resume: true)
    #expect(
      try fixture.bytes("whole", "last.safetensors") == fixture.bytes("parts", "last.safetensors"))
    #expect(
      try fixture.bytes("whole", "best.safetensors") == fixture.bytes("parts", "best.safetensors"))
    #expect(
      try fixture.tensors("whole", "checkpoint.safetensors")
        == fixture.tensors("parts", "checkpoint.safetensors"))
    #expect(try figures("whole") == figures("parts"))
    #expect(try figures("whole").count == 4)
    #expect(try figures("whole").allSatisfy { $0.values.allSatisfy(\.isFinite) })
  }

  /// A HydraNet's weights start an MTAN's trunk and heads; freezing leaves them there.
  @Test func anMTANStartsFromATrunk() throws {
    var settings = fixture.settings("start")
    settings.epochs = 1
    try train(settings, stoppingAfter: 1)
    let start = try fixture.tensors("start")
    settings.model.name = .mtan
    settings.model.pretrained = fixture.run("start") + "/last.safetensors"
    settings.output = fixture.run("mtan")
    settings.freeze = ["trunk", "encoders", "heads.gender"]
    settings.balance.method = .pcgrad
    let run = try train(settings)
    let found = try fixture.tensors("mtan")
    #expect(found.count == 294 - 20 - 24 - 3)
    for (name, values) in start {
      let isTrained = name.hasPrefix("net.fc1.") || name.hasPrefix("net.fc3.")
      #expect((values == found[name]) != isTrained, "\(name)")
    }
    let steps = Float(run.step)
    #expect(steps > 0)
    #expect(found["net.attention2.layer4.bn2.running_mean"]?.allSatisfy { $0 == 0 } == true)
    #expect(found["net.encoder.layer1.bn1.weight"]?.allSatisfy { $0 == 1 } == true)
    #expect(found["net.attention1.layer1.bn1.weight"]?.contains { $0 != 1 } == true)
    let about = try #require(try WeightDescription(weights: run.folder.best))
    #expect(about.settings.model.name == .mtan)
  }

  @Test func threadsChangeNothing() throws {
    var settings = fixture.settings("two")
    settings.loaderThreads = 3
    try train(settings)
    settings.output = fixture.run("one")
    settings.threads = 1
    settings.loaderThreads = 1
    settings.cacheMegabytes = 0
    try train(settings)
    #expect(
      try fixture.bytes("two", "last.safetensors") == fixture.bytes("one", "last.safetensors"))
    #expect(try figures("two") == figures("one"))
  }

  @Test func itLearns() throws {
    var settings = fixture.settings("learn")
    settings.epochs = 8
    settings.batchSize = 4
    settings.optimizer.lr = 0.02
    let records = try train(settings).folder.records()
    let first = try #require(records.first?.train["loss"])
    let last = try #require(records.last?.train["loss"])
    #expect(last < first / 2, "\(first) became \(last)")
    #expect(records.count == 8)
  }

  @Test func theFilesOfARun() throws {
    var settings = fixture.settings("files")
    settings.keepBest = 2
    settings.normalize = .dataset
    settings.checkpointEvery = 2
    let run = try train(settings)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: run.folder.path).filter {
        !$0.hasPrefix(".")
      }.sorted() == [
        "best.safetensors", "checkpoint.safetensors", "config.yaml", "epoch-0001.safetensors",
        "epoch-0002.safetensors", "last.safetensors", "metrics.jsonl", "sessions.jsonl",
      ])
    let config = try Pipeline(contentsOf: run.folder.config).train
    #expect(config == run.settings)
    #expect(
      config.normalize
        == .values(
          ChannelStatistics(mean: [0.5, 0.25, 0.5], deviation: [0.25, 0.125, 0.25])))
    let about = try #require(try WeightDescription(weights: run.folder.best))
    // Nothing of this machine, and nothing that does not decide the weights.
    #expect(about.settings == config.recipe && about.settings.output == nil)
    #expect(about.imageSize == 32)
    #expect(about.className(1, task: "gender") == "female")
    #expect(about.className(1, task: "race") == "1")
    // A ResNet-18 without its classifier, and two linear layers in each of three heads.
    let names = try TensorFile.read(run.folder.last).tensors.map(\.name)
    #expect(names.count == 120 + 12)
    #expect(names.allSatisfy { $0.hasPrefix("net.") })
  }

  @Test func evaluationOfTheSavedWeightsIsTheLoggedOne() throws {
    var settings = fixture.settings("evaluate")
    settings.ema = 0.5
    let run = try train(settings)
    let logged = try #require(try run.folder.records().last?.validation)
    let about = try #require(try WeightDescription(weights: run.folder.last))
    let model = try TrainedModel(
      weights: run.folder.last, settings: about.settings, imageSize: about.imageSize)
    let evaluation = try model.evaluate(
      TrainingData(shards: fixture.store, tasks: about.settings.tasks), split: "validation")
    #expect(evaluation.figures == logged)
    let usual = try #require(evaluation.analyses.first)
    #expect(usual.groups.reduce(0) { $0 + $1.count } == SmallStore.validationCount)
    let text = evaluation.lines().joined(separator: "\n")
    #expect(text.contains("gender × race"))
    #expect(text.contains("\nfemale × 4 ") && text.contains("\nmale × 0 "))
    let json = try JSONSerialization.jsonObject(with: Data(evaluation.json().utf8))
    let report = try #require(json as? [String: Any])
    #expect(report["samples"] as? Int == SmallStore.validationCount)
    #expect(report["classes"] as? [String: [String]] == ["gender": ["male", "female"]])
    let analysis = try #require((report["by"] as? [[String: Any]])?.last)
    #expect(analysis["columns"] as? [String] == ["gender", "race"])
    let group = try #require((analysis["groups"] as? [[String: Any]])?.last)
    #expect(group["names"] as? [String] == ["female", "4"])
    let figures = try #require(group["figures"] as? [String: [String: Any]])
    #expect(figures["age_mae"]?["low"] == nil && figures["gender_selection_rate"] == nil)
  }

  @Test func tasksWhoseFiguresWouldShareANameAreRefused() throws {
    let tasks = ["a", "a_balanced"].map { TaskSettings(name: $0, column: "gender", kind: .binary) }
    #expect {
      try TrainingData(shards: fixture.store, tasks: tasks)
    } throws: {
      "\($0)".contains("a and a_balanced both have a figure a_balanced_accuracy")
    }
  }

  /// A weighted loss is weighted by the sum of weights over the whole split.
  @Test func evaluationDoesNotDependOnTheBatchSize() throws {
    var settings = fixture.settings("weighted")
    settings.tasks[1].positiveWeight = 7
    settings.tasks[2].classWeights = .list([0.1, 1, 5, 1, 20])
    settings.tasks[2].labelSmoothing = 0.1
    let run = try train(settings, stoppingAfter: 1)
    let figures: [[String: Double]] = try [1, 3, 4, 10].map { batchSize in
      settings.batchSize = batchSize
      return try TrainedModel(weights: run.folder.last, settings: settings, imageSize: 32)
        .evaluate(
          TrainingData(shards: fixture.store, tasks: settings.tasks), split: "validation"
        ).figures
    }
    for (name, value) in figures[0] {
      for other in figures.dropFirst() {
        let figure = try #require(other[name])
        #expect(abs(figure - value) < 1e-5 * max(1, abs(value)), "\(name)")
      }
    }
  }

  @Test func aLossThatIsNoNumberEndsTheRun() throws {
    var settings = fixture.settings("nan")
    settings.optimizer.lr = 1000
    settings.schedule.name = .constant
    settings.checkpointEvery = 1
    settings.epochs = 50
    let error = #expect(throws: LossError.self) {
      try TrainingRun(settings, start: .new(overwrite: false), quiet: true).train()
    }
    let message = error?.description ?? ""
    #expect(message.contains("the loss of") && message.contains("intact in"))
    // The checkpoint can still be read, and resuming ends at the same place.
    let resumed = try TrainingRun(settings, start: .resume, quiet: true)
    #expect(throws: LossError.self) { try resumed.train() }
  }

  @Test func frozenPartsStayAsTheyWere() throws {
    var settings = fixture.settings("start")
    settings.epochs = 1
    try train(settings, stoppingAfter: 1)
    let start = try fixture.tensors("start")
    settings.model.pretrained = fixture.run("start") + "/last.safetensors"
    settings.output = fixture.run("frozen")
    settings.trainOnly = ["heads.gender"]
    try train(settings)
    for (name, values) in try fixture.tensors("frozen") {
      #expect((values == start[name]) != name.hasPrefix("net.fc2."), "\(name)")
    }
  }

  @Test func partsHaveTheirOwnLearningRates() throws {
    var settings = fixture.settings("factors")
    settings.lrFactors = ["trunk": 0, "heads.age": 0]
    settings.optimizer.weightDecay = 0
    _ = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
      .train(stoppingAfter: 1)
    let first = try fixture.tensors("factors")
    settings.output = fixture.run("factors")
    try train(settings, resume: true)
    for (name, values) in try fixture.tensors("factors") where !name.contains("running") {
      let moves = name.hasPrefix("net.fc2.") || name.hasPrefix("net.fc3.")
      #expect((values != first[name]) == moves, "\(name)")
    }
  }

  /// With the trunk frozen (so BatchNorm does not see the batch), two batches of four are one of
  /// eight.
  @Test func accumulationIsALargerBatch() throws {
    var settings = fixture.settings("eight")
    settings.freeze = ["trunk"]
    settings.epochs = 1
    try train(settings)
    settings.output = fixture.run("fours")
    settings.batchSize = 4
    settings.accumulate = 2
    try train(settings)
    let fours = try fixture.tensors("fours")
    for (name, values) in try fixture.tensors("eight") {
      let other = try #require(fours[name])
      let worst = zip(values, other).map { abs($0 - $1) }.max() ?? 0
      #expect(worst < 1e-5, "\(name): \(worst)")
    }
  }

  /// The same with weights of the classes, whose sum differs from batch to batch.
  @Test func weightedLossesAccumulateAsALargerBatch() throws {
    var settings = fixture.settings("eight")
    settings.tasks[2].classWeights = .list([0.1, 1, 5, 1, 20])
    settings.freeze = ["trunk"]
    settings.epochs = 1
    let eight = try train(settings)
    settings.output = fixture.run("fours")
    settings.batchSize = 4
    settings.accumulate = 2
    let fours = try train(settings)
    let loss = try #require(try eight.folder.records().last?.train["race_loss"])
    let other = try #require(try fours.folder.records().last?.train["race_loss"])
    #expect(abs(loss - other) < 1e-4 * loss, "\(loss), \(other)")
    let tensors = try fixture.tensors("fours")
    for (name, values) in try fixture.tensors("eight") {
      let worst = zip(values, try #require(tensors[name])).map { abs($0 - $1) }.max() ?? 0
      #expect(worst < 1e-5, "\(name): \(worst)")
    }
  }

  @Test func patienceEndsARun() throws {
    var settings = fixture.settings("patience")
    settings.epochs = 30
    settings.patience = 2
    settings.optimizer.lr = 1e-12
    settings.schedule.name = .constant
    settings.freeze = ["trunk"]
    // The claim of its folder ends with the run.
    do {
      let run = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
      #expect(try run.train() == .stoppedEarly)
      #expect(try run.folder.records().count == 3)
      #expect(try run.result().lines().first?.contains("Stopped early") == true)
    }
    let resumed = try TrainingRun(settings, start: .resume, quiet: true)
    #expect(try resumed.train() == .stoppedEarly)
  }
}
