import Experiment
import Foundation
import PipelineFiles
import Testing
import Training
import WeightFiles

/// Whole runs that keep the best weights of every task, and that stop heads.
@Suite(.serialized) struct StopHeadTests {
  let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  /// Six epochs of three steps, in which the head of `still` has nothing left to learn: every label
  /// is its class 0.
  private func settings(_ name: String) -> TrainSettings {
    var settings = fixture.settings(name)
    var still = TaskSettings(name: "still", column: "age", kind: .categorical, classes: 2)
    still.bins = [200]
    settings.tasks = [settings.tasks[0], still, settings.tasks[1]]
    settings.epochs = 6
    settings.optimizer.lr = 0.01
    settings.stopHead = 2
    return settings
  }

  @discardableResult
  private func train(
    _ settings: TrainSettings, resume: Bool = false, stoppingAfter step: Int? = nil
  ) throws -> (ending: TrainingRun.Ending, result: RunResult, steps: Int) {
    let run = try TrainingRun(
      settings, start: resume ? .resume : .new(overwrite: false), quiet: true)
    let ending = try run.train(stoppingAfter: step)
    return (ending, try run.result(), run.step)
  }

  /// The head keeps its bits from the epoch on after which it was stopped, with an average of the
  /// weights too; its task has no weight any more; and an interruption changes nothing.
  @Test(arguments: [
    (NetworkKind.hydraNet, BalanceSettings.Method.sum, false), (.hydraNet, .sum, true),
    (.hydraNet, .gradnorm, false), (.hydraNet, .pcgrad, false), (.hydraNet, .uncertainty, false),
    (.hydraNet, .dwa, false), (.hydraNet, .imtlG, false), (.mtan, .sum, true),
    (.mtan, .pcgrad, false),
  ])
  func aStoppedHeadKeepsItsBits(
    _ model: NetworkKind, _ method: BalanceSettings.Method, hasAverage: Bool
  ) throws {
    var settings = settings("whole")
    settings.model.name = model
    settings.balance.method = method
    settings.bestPerTask = true
    if hasAverage {
      settings.ema = 0.8
      settings.accumulate = 2
      settings.clipNorm = 5
    }
    let whole = try train(settings)
    let stopped = try #require(whole.result.stoppedHeads?["still"])
    // With some methods the other heads are stopped in the last epoch.
    #expect((3...5).contains(stopped))
    let records = try RunFolder(fixture.run("whole")).records()
    for record in records {
      let weight = try #require(record.train["still_weight"])
      #expect((weight == 0) == (record.epoch > stopped), "epoch \(record.epoch)")
    }

    settings.output = fixture.run("parts")
    let stepsPerEpoch = whole.steps / records.count
    let first = try train(settings, stoppingAfter: stepsPerEpoch * stopped)
    #expect(first.ending == .interrupted && first.result.stoppedHeads?["still"] == stopped)
    let start = try fixture.tensors("parts")
    let live = try fixture.tensors("parts", "checkpoint.safetensors")
    try train(settings, resume: true, stoppingAfter: stepsPerEpoch * stopped + 1)
    try train(settings, resume: true)
    for name in ["last", "best", "best-age", "best-still", "best-gender"] {
      let file = "\(name).safetensors"
      #expect(try fixture.bytes("whole", file) == fixture.bytes("parts", file), "\(name)")
    }
    #expect(
      try fixture.tensors("whole", "checkpoint.safetensors")
        == fixture.tensors("parts", "checkpoint.safetensors"))
    #expect(
      try RunFolder(fixture.run("parts")).records().map { [$0.train, $0.validation] }
        == records.map { [$0.train, $0.validation] })

    // The second task's head, and its attention.
    let own = ["net.fc2.", "net.attention2."]
    for (before, file) in [(start, "last.safetensors"), (live, "checkpoint.safetensors")] {
      for (name, values) in try fixture.tensors("whole", file) {
        let tail = ["weights.", "average."].reduce(name) {
          $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
        }
        let isOwn = own.contains { tail.hasPrefix($0) }
        if isOwn { #expect(values == before[name], "\(name)") }
      }
    }
    let trunk = "net.layer1.0.conv1.weight"
    #expect(try fixture.tensors("whole")[trunk] != start[trunk])
  }

  /// Every file of best weights gives the best figure that the run logged for its task.
  @Test func theBestWeightsOfEveryTaskAreKept() throws {
    var settings = fixture.settings("best")
    settings.epochs = 5
    settings.optimizer.lr = 0.02
    settings.bestPerTask = true
    settings.bestMetric = "score"
    let result = try train(settings).result
    let folder = RunFolder(fixture.run("best"))
    let records = try folder.records()
    let data = try TrainingData(shards: fixture.store, tasks: settings.tasks)
    for task in settings.tasks {
      let values = records.compactMap { $0.validation[task.mainFigure] }
      let best = try #require(task.kind == .regression ? values.min() : values.max())
      let about = try #require(try WeightDescription(weights: folder.best(ofTask: task.name)))
      let figures = try TrainedModel(
        weights: folder.best(ofTask: task.name), settings: about.settings, imageSize: 32
      ).evaluate(data, split: "validation").figures
      #expect(figures[task.mainFigure] == best)
      let chosen = try #require(result.bestOfTasks?[task.name])
      #expect(chosen.value == best && chosen.weights == folder.best(ofTask: task.name))
      #expect(chosen.epoch == records.first { $0.validation[task.mainFigure] == best }?.epoch)
    }
    // The score of the validation labels, by another way: its best epoch's weights are kept.
    let labels = (0..<SmallStore.validationCount).map { SmallStore.Label(sample: $0) }
    let score = CombinedScore(
      settings.tasks,
      labels: [labels.map { Float($0.age) }, labels.map { Float($0.gender) }]
        + [labels.map { Float($0.race) }])
    for record in records {
      #expect(record.validation["score"] == score.value(of: record.validation))
    }
    let top = try #require(records.compactMap { $0.validation["score"] }.max())
    #expect(result.best?.validation["score"] == top)
    let text = result.lines().joined(separator: "\n")
    #expect(text.contains("best by score") && text.contains("best-age.safetensors"))
    let json = try JSONSerialization.jsonObject(with: Data(result.json().utf8)) as? [String: Any]
    #expect((json?["best_of_tasks"] as? [String: Any])?.count == 3)
    #expect(json?["stopped_heads"] == nil)
  }

  @Test func aRunEndsWithItsLastHead() throws {
    var settings = settings("ends")
    settings.epochs = 30
    settings.optimizer.lr = 1e-12
    settings.schedule.name = .constant
    settings.freeze = ["trunk"]
    let (ending, result, _) = try train(settings)
    #expect(ending == .stoppedEarly && result.last?.epoch == 3)
    #expect(result.stoppedHeads == ["age": 3, "still": 3, "gender": 3])
    #expect(result.lines().first == "Stopped early: every head is stopped.")
    // Its page does not take it for a run that was interrupted.
    #expect(try RunReport(fixture.run("ends")).notices.isEmpty)
    #expect(try train(settings, resume: true).ending == .stoppedEarly)
    settings.epochs = 40
    let error = #expect(throws: TrainingError.self) { try train(settings, resume: true) }
    #expect(error?.description.contains("more epochs would train nothing") == true)
  }

  /// What a recipe does not ask for leaves no trace: neither in its files nor in its identity.
  @Test func withoutThemNothingChanges() throws {
    var settings = fixture.settings("plain")
    settings.epochs = 1
    try train(settings)
    let text = try String(contentsOfFile: fixture.run("plain") + "/config.yaml", encoding: .utf8)
    #expect(!text.contains("stop_head") && !text.contains("best_per_task"))
    let checkpoint = try TensorFile.read(fixture.run("plain") + "/checkpoint.safetensors")
    #expect(checkpoint.metadata["hydranet.progress"]?.contains("tasks") == false)
    #expect(try RunFolder(fixture.run("plain")).records()[0].validation["score"] == nil)
  }

  @Test func otherChoicesAreRefusedOnResuming() throws {
    var settings = fixture.settings("resume")
    settings.epochs = 1
    try train(settings)
    settings.bestPerTask = true
    func refusal(_ change: (inout TrainSettings) -> Void) -> String {
      var other = settings
      change(&other)
      let error = #expect(throws: TrainingError.self) { try train(other, resume: true) }
      return error?.description ?? ""
    }
    #expect(refusal { _ in }.contains("begun without best_per_task, and cannot continue"))
    #expect(
      refusal {
        $0.bestPerTask = false
        $0.stopHead = 3
      }.contains("does not have the best epochs of the tasks"))
    settings.output = fixture.run("other")
    try train(settings)
    #expect(refusal { $0.bestPerTask = false }.contains("leave out --no-best-per-task"))
    try train(settings, resume: true)
  }

  /// A run's own weights of tasks are set aside with it; files that only look like them stay.
  @Test func bestWeightsOfOthersAreNotTouched() throws {
    var settings = fixture.settings("folder")
    settings.epochs = 1
    settings.bestPerTask = true
    try train(settings)
    let folder = fixture.run("folder")
    for name in ["best-old", "best-"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).safetensors"))
    }
    settings.bestPerTask = false
    do {
      let run = try TrainingRun(settings, start: .new(overwrite: true), quiet: true)
      _ = try run.train()
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      $0.hasPrefix("best") || $0.hasPrefix(".")
    }.sorted()
    #expect(names == ["best-.safetensors", "best-old.safetensors", "best.safetensors"])
    // Now best-age would be the user's.
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/best-age.safetensors"))
    try FileManager.default.removeItem(atPath: "\(folder)/config.yaml")
    settings.bestPerTask = true
    #expect(throws: TrainingError.self) {
      try TrainingRun(settings, start: .new(overwrite: true), quiet: true)
    }
    #expect(try fixture.bytes("folder", "best-age.safetensors") == Data("x".utf8))
  }
}
