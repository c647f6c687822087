import Experiment
import Foundation
import Testing
import Training
import WeightFiles

/// What a run refuses, each in one sentence.
@Suite(.serialized) struct TrainingFaultTests {
  let fixture: TrainingFixture

  init() throws { fixture = try TrainingFixture() }

  private func expectRefusal(
    _ settings: TrainSettings, _ start: TrainingRun.Start = .new(overwrite: false),
    says text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    do {
      let run = try TrainingRun(settings, start: start, quiet: true)
      _ = try run.train()
      Issue.record("the run was accepted", sourceLocation: sourceLocation)
    } catch {
      let message = "\(error)"
      #expect(message.contains(text), "\(message)", sourceLocation: sourceLocation)
      #expect(!message.contains("\n"), sourceLocation: sourceLocation)
    }
  }

  @Test func settingsThatDoNotFitTheStore() {
    var settings = fixture.settings("run")
    settings.batchSize = 100
    expectRefusal(settings, says: "larger than the data, which has 24 samples")
    settings = fixture.settings("run")
    settings.tasks[0].column = "height"
    expectRefusal(settings, says: "task age learns from column height")
    settings = fixture.settings("run")
    settings.tasks[2].classes = 4
    expectRefusal(settings, says: "task race has 4 classes")
    settings = fixture.settings("run")
    settings.freeze = ["trunk", "heads"]
    expectRefusal(settings, says: "nothing to train")
    settings.freeze = ["trunk"]
    settings.balance.method = .gradnorm
    expectRefusal(settings, says: "but the trunk is frozen")
    settings = fixture.settings("run")
    settings.model.pretrained = fixture.folder.path + "/none.pth"
    expectRefusal(settings, says: "none.pth")
    #expect(!FileManager.default.fileExists(atPath: fixture.run("run")))
  }

  @Test func aStoreThatIsNoneOrDamaged() throws {
    var settings = fixture.settings("run")
    settings.shards = fixture.folder.path
    expectRefusal(settings, says: "is not a store")
    let shard = fixture.store + "/train/image/c/1/0/0/0"
    let whole = try Data(contentsOf: URL(fileURLWithPath: shard))
    try FileManager.default.removeItem(atPath: shard)
    expectRefusal(fixture.settings("run"), says: "is missing from the store")
    try whole.dropLast().write(to: URL(fileURLWithPath: shard))
    expectRefusal(fixture.settings("run"), says: "expected \(whole.count)")
    var flipped = whole
    flipped[40] ^= 1
    try flipped.write(to: URL(fileURLWithPath: shard))
    expectRefusal(fixture.settings("run"), says: "utk-prep verify")
  }

  @Test func foldersAndCheckpoints() throws {
    var settings = fixture.settings("run")
    expectRefusal(settings, .resume, says: "is not the folder of a run")
    settings.epochs = 1
    _ = try TrainingRun(settings, start: .new(overwrite: false), quiet: true).train()
    expectRefusal(settings, says: "already holds a run")
    let path = RunFolder(fixture.run("run")).checkpoint
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(1000).write(to: URL(fileURLWithPath: path))
    expectRefusal(settings, .resume, says: "checkpoint.safetensors")
    var flipped = whole
    flipped[whole.count / 2] ^= 16
    try flipped.write(to: URL(fileURLWithPath: path))
    expectRefusal(settings, .resume, says: "checkpoint.safetensors is damaged")
    try FileManager.default.copyItem(
      atPath: RunFolder(fixture.run("run")).last, toPath: path + ".other")
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: path + ".other", toPath: path)
    expectRefusal(settings, .resume, says: "is not a checkpoint of this run")
    try whole.write(to: URL(fileURLWithPath: path))
    settings.optimizer.name = .adamw
    expectRefusal(settings, .resume, says: "optimizer state")
    settings.optimizer.name = .sgd
    settings.epochs = 2
    settings.bestMetric = "race_accuracy"
    expectRefusal(settings, .resume, says: "chose its best epochs by loss")
    settings.bestMetric = "loss"
    _ = try TrainingRun(settings, start: .resume, quiet: true)
  }

  /// Progress with a right checksum that no run can have made: each would overflow or start a
  /// schedule nowhere if it were taken up.
  @Test func progressThatLies() throws {
    var settings = fixture.settings("lies")
    settings.balance.method = .uncertainty
    _ = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
      .train(stoppingAfter: 4)
    let path = RunFolder(fixture.run("lies")).checkpoint
    let file = try TensorFile.read(path)
    let key = "hydranet.progress"
    let text = try #require(file.metadata[key])
    let whole = try JSONDecoder().decode(TrainingProgress.self, from: Data(text.utf8))
    let lies: [(inout TrainingProgress) -> Void] = [
      { $0.batch = -1 }, { $0.batch = .max }, { $0.batch = 3 }, { $0.step = .max },
      { $0.step = -4 },
      { $0.sums.images = .max }, { $0.sums.batches = -1 }, { $0.sums.losses = [] },
      { $0.sums.weights = [1] }, { $0.balancing.updates = .max }, { $0.balancing.values = [] },
      { $0.best.entries[0].epoch = .min }, { $0.best.entries[0].epoch = 2 },
    ]
    for lie in lies {
      var progress = whole
      lie(&progress)
      let text = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
      let own = [
        key: text, "hydranet.checksum": checkpointChecksum(file.tensors, progress: text),
      ]
      try SafetensorsWriter.write(
        file.tensors, metadata: file.metadata.merging(own) { $1 }, to: path)
      expectRefusal(settings, .resume, says: "resume with the")
    }
    try SafetensorsWriter.write(file.tensors, metadata: file.metadata, to: path)
    let run = try TrainingRun(settings, start: .resume, quiet: true)
    #expect(try run.train() == .finished)
  }

  /// The same of the choices of tasks.
  @Test func choicesThatLie() throws {
    var settings = fixture.settings("lies")
    settings.stopHead = 3
    _ = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
      .train(stoppingAfter: 4)
    let path = RunFolder(fixture.run("lies")).checkpoint
    let file = try TensorFile.read(path)
    let text = try #require(file.metadata["hydranet.progress"])
    // As they are in the file: the type lets nobody write them.
    let epoch = try #require(text.firstRange(of: #"{"best":{"entries":[{"epoch":1,"#))
    let lies = [
      text.replacingCharacters(in: epoch, with: #"{"best":{"entries":[{"epoch":2,"#),
      text.replacingCharacters(in: epoch, with: #"{"best":{"entries":[{"epoch":-1,"#),
      text.replacingCharacters(
        in: epoch, with: #"{"stoppedAfter":9,"best":{"entries":[{"epoch":1,"#),
      text.replacing("\"age_mae\"", with: "\"race_accuracy\""),
      text.replacing("\"tasks\":", with: "\"other\":"),
    ]
    for lie in lies {
      #expect(lie != text)
      let own = [
        "hydranet.progress": lie,
        "hydranet.checksum": checkpointChecksum(file.tensors, progress: lie),
      ]
      try SafetensorsWriter.write(
        file.tensors, metadata: file.metadata.merging(own) { $1 }, to: path)
      expectRefusal(settings, .resume, says: "resume with the")
    }
  }

  @Test func batchesOfOneImageAreRefused() {
    var settings = fixture.settings("run")
    settings.batchSize = 1
    expectRefusal(settings, says: "use a --batch-size of 2 or more")
    settings.batchSize = 23
    settings.keepLastBatch = true
    expectRefusal(settings, says: "the last batch of an epoch is one")
    #expect(!FileManager.default.fileExists(atPath: fixture.run("run")))
  }

  @Test func weightsOfAnotherNetwork() throws {
    let path = fixture.folder.path + "/other.safetensors"
    try SafetensorsWriter.write(
      [NamedTensor(name: "encoder.weight", shape: [2], floats: [1, 2])], to: path)
    var settings = fixture.settings("run")
    settings.model.pretrained = path
    expectRefusal(settings, says: "has no tensor that this network knows")
    #expect(throws: (any Error).self) {
      try TrainedModel(weights: path, settings: settings, imageSize: 32)
    }
    // A file names its batch size; what memory it may take is not the file's to say.
    #expect([32, 224, 1024].map(TrainedModel.largestBatch(imageSize:)) == [1024, 20, 1])
  }

  @Test(arguments: [
    [TrunkArchitecture.resNet18, .resNet34], [TrunkArchitecture.resNet34, .resNet18],
  ])
  func aTrunkOfAnotherDepthIsNotUsedInPart(depths: [TrunkArchitecture]) throws {
    var settings = fixture.settings("other")
    settings.model.trunk = depths[0]
    let other = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
    _ = try other.train(stoppingAfter: 1)
    settings.output = fixture.run("run")
    settings.model.trunk = depths[1]
    settings.model.pretrained = other.folder.last
    expectRefusal(settings, says: "give the --depth that the weights are of")
  }
}
