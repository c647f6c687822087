import Experiment
import Foundation
import PipelineFiles
import Testing

@Suite struct PipelineTests {
  /// The project's own files, which stand two folders above this one.
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("pipelines").path

  @Test(arguments: ["article", "utkface-32", "utkface-128", "drawn"])
  func shippedFilesReadAndWriteBack(_ name: String) throws {
    let pipeline = try Pipeline(contentsOf: "\(Self.folder)/\(name).yaml")
    #expect(try Pipeline(yaml: pipeline.yaml, file: "again") == pipeline)
    #expect(pipeline.train.shards == pipeline.prep.output)
    #expect(pipeline.train.output == "data/runs/\(name)")
  }

  @Test func articleIsSpelledOut() throws {
    let train = try Pipeline(contentsOf: "\(Self.folder)/article.yaml").train
    var optimizer = OptimizerSettings()
    (optimizer.lr, optimizer.momentum, optimizer.weightDecay) = (1e-4, 0.09, 0)
    #expect(train.optimizer == optimizer)
    #expect(train.tasks == TaskSettings.article)
    #expect(train.schedule.name == .constant)
    #expect(!train.augment.flip && train.augment.cropPadding == 0)
    #expect(train.batchSize == 64 && train.epochs == 10 && train.normalize == .imagenet)
    #expect(train.balance.method == .sum && train.ema == nil && train.clipNorm == nil)
  }

  /// The default recipe is the tuned one, but for the tasks, which a store names.
  @Test func theDefaultIsTheTunedRecipe() throws {
    var tuned = try Pipeline(contentsOf: "\(Self.folder)/utkface-32.yaml").train
    (tuned.shards, tuned.output, tuned.tasks) = (nil, nil, [])
    #expect(tuned == TrainSettings())
  }

  @Test func theSettingsPageIsUpToDate() throws {
    let page = try String(contentsOfFile: Self.folder + "/../docs/settings.md", encoding: .utf8)
    #expect(page == Pipeline.settingsPage, "make docs writes it")
  }

  /// Both ends of a stated range are taken, and what is beyond them is not.
  @Test func statedRangesAreThoseEnforced() throws {
    func check<Root>(_ rows: [Setting<Root>], _ root: Root) throws {
      for row in rows {
        let words = row.range.split { " ,".contains($0) }.map(String.init)
        guard words.count >= 4, words[0] == "from", words[2] == "to", let low = Int(words[1]),
          let high = Int(words[3]), high < Int.max - 1, row.expected.hasPrefix("a whole number")
        else { continue }
        for (value, isTaken) in [(low, true), (high, true), (low - 1, false), (high + 1, false)] {
          var root = root
          let node = SettingNode(.scalar("\(value)", isPlain: true))
          let read: ()? = try? row.read(node, into: &root, SettingPlace(flag: row.key))
          #expect((read != nil) == isTaken, "\(row.key): \(value)")
        }
      }
    }
    try check(TrainSettings.table.rows, TrainSettings())
    try check(PrepSettings.table.rows, PrepSettings())
  }

  @Test func everySettingIsWrittenAndReadBack() throws {
    var pipeline = Pipeline()
    pipeline.prep.source = ["a folder: with # odd \"name\" & *stars* \u{7f}\u{2028}ü"]
    pipeline.prep.output = "none"
    pipeline.prep.size = 200
    pipeline.prep.split.validation = 0.1 + 0.2
    pipeline.prep.split.seed = .max
    pipeline.prep.split.stratification = []
    pipeline.prep.split.duplicates = .drop
    pipeline.prep.codec = .portable
    pipeline.prep.samplesPerShard = 100
    pipeline.prep.threads = 3
    pipeline.prep.maxRejects = .percent(2.5)
    pipeline.prep.strict = true
    pipeline.train.shards = "1.5"
    pipeline.train.output = "- x"
    pipeline.train.model.name = .mtan
    pipeline.train.model.trunk = .resNet34
    pipeline.train.model.pretrained = "/tmp/resnet 18.pth"
    var group = TaskSettings(name: "age_group", column: "age", kind: .categorical, classes: 4)
    group.bins = [18, 40, 65]
    group.classWeights = .list([1, 0.5, 2, 1e-7])
    group.labelSmoothing = 0.1
    var gender = TaskSettings(name: "gender", kind: .binary)
    gender.positiveWeight = 1.5
    var age = TaskSettings(name: "age", kind: .regression)
    age.loss = .smoothL1
    age.weight = 1 / 3
    var years = TaskSettings(name: "years", column: "age", kind: .regression, loss: .dldl)
    years.range = [0, 116.5]
    years.binWidth = 0.5
    years.sigma = 3
    years.expectationWeight = 0.25
    years.answer = .mode
    pipeline.train.tasks = [group, gender, age, years]
    pipeline.train.epochs = 3
    pipeline.train.batchSize = 7
    pipeline.train.optimizer.name = .adamw
    pipeline.train.optimizer.betas = [0.8, 0.99]
    pipeline.train.optimizer.eps = 1e-9
    pipeline.train.schedule.name = .oneCycle
    pipeline.train.schedule.cycleMomentum = false
    pipeline.train.schedule.finalDivFactor = 123.5
    pipeline.train.augment.flip = true
    pipeline.train.augment.cropPadding = 4
    pipeline.train.augment.cutout = 8
    pipeline.train.augment.brightness = 0.25
    pipeline.train.augment.contrast = 0.5
    pipeline.train.normalize = .values(
      ChannelStatistics(mean: [0.1, 0.2, 0.3], deviation: [0.4, 0.5, 0.6]))
    pipeline.train.balance.method = .gradnorm
    pipeline.train.threads = 2
    pipeline.train.loaderThreads = 1
    pipeline.train.keepLastBatch = true
    pipeline.train.clipNorm = 5
    pipeline.train.accumulate = 4
    pipeline.train.ema = 0.999
    pipeline.train.freeze = ["trunk", "encoders", "heads.age"]
    pipeline.train.lrFactors = ["trunk": 0.1, "heads.gender": 3]
    pipeline.train.checkpointEvery = 50
    pipeline.train.keepBest = 3
    pipeline.train.bestMetric = "age_mae"
    pipeline.train.bestPerTask = true
    pipeline.train.patience = 5
    pipeline.train.stopHead = 4
    pipeline.train.cacheMegabytes = 64
    pipeline.train.tensorboard = true
    try pipeline.validate()
    #expect(try Pipeline(yaml: pipeline.yaml, file: "again") == pipeline)
  }

  @Test(arguments: [
    (
      "train:\n  epoch: 3",
      "p.yaml:2: train: expected known keys, got \"epoch\"; did you mean epochs?"
    ),
    ("trian: {}", "p.yaml:1: expected known keys, got \"trian\"; did you mean train?"),
    (
      "train:\n  epochs: 0",
      "p.yaml:2: train.epochs: expected a whole number from 1 to 100000, got 0"
    ),
    (
      "train: {epochs: \"3\"}",
      "p.yaml:1: train.epochs: expected a whole number from 1 to 100000, got \"3\""
    ),
    (
      "train: {epochs: 3.5}",
      "p.yaml:1: train.epochs: expected a whole number from 1 to 100000, got 3.5"
    ),
    (
      "train: {epochs: }",
      "p.yaml:1: train.epochs: expected a whole number from 1 to 100000, got nothing"
    ),
    (
      "train: {epochs: [3]}",
      "p.yaml:1: train.epochs: expected a whole number from 1 to 100000, got a list"
    ),
    (
      "train:\n  epochs: 1\n  optimizer:\n    lr: nan",
      "p.yaml:4: train.optimizer.lr: expected a number above 0 and at most 1000, got \"nan\""
    ),
    (
      "train:\n  optimizer: {name: sdg}",
      "p.yaml:2: train.optimizer.name: expected one of sgd, adamw, got \"sdg\"; did you mean sgd?"
    ),
    (
      "train: {optimizer: {lr: -1}}",
      "p.yaml:1: train.optimizer.lr: expected a number above 0 and at most 1000, got -1"
    ),
    ("prep: {size: 7}", "p.yaml:1: prep.size: expected a whole number from 32 to 1024, got 7"),
    (
      "prep: {validation: 1}",
      "p.yaml:1: prep.validation: expected a number from 0 to below 1, got 1"
    ),
    (
      "prep: {max_rejects: 120%}",
      "p.yaml:1: prep.max_rejects: expected a number of files, or a share such as 2% or none, got \"120%\""
    ),
    (
      "prep: {stratify: [gender, gender]}",
      "p.yaml:1: prep.stratify: expected a list of different label columns or all or none, got a list"
    ),
    ("prep: 3", "p.yaml:1: prep: expected a mapping with keys of source, output, size,"),
    (
      "train: {tasks: [{name: age, kind: regression, loss: bce}]}",
      "train.tasks[0].loss: expected one of l1, smooth_l1, mse, ce, dldl for a regression task, got bce"
    ),
    (
      "train: {tasks: [{name: race, kind: categorical}]}",
      "expected the key classes or bins, got a task without them"
    ),
    ("train: {tasks: [{kind: binary}]}", "expected the key name, got a task without it"),
    ("train: {model: mtam}", "got \"mtam\"; did you mean mtan?"),
    (
      "train: {tasks: [{name: age, kind: regression}], freeze: [encoders]}",
      "expected parts of trunk, heads, heads.age"
    ),
    (
      "train: {tasks: [{name: age, kind: regression}], freeze: [heads.agee]}",
      "got \"heads.agee\"; did you mean heads.age?"
    ),
    (
      "train: {tasks: [{name: age, kind: regression}], best_metric: age_accuracy}",
      "expected one of loss, score, age_mae, got"
    ),
    (
      "a: &x 1\nb: *x",
      "p.yaml:1: expected plain values, got a YAML anchor or alias; write the value out"
    ),
    ("train: {epochs: 1, epochs: 2}", "p.yaml:1: expected every key once, got \"epochs\" again"),
    ("train: [", "expected valid YAML, got did not find expected"),
    ("train: {output: \"a\u{1}b\"}", "p.yaml:1: expected printable text, got a control character"),
    ("- 1", "p.yaml:1: expected a mapping with the keys prep, columns and train, got a list"),
  ])
  func refusalsAreOneSentence(_ text: String, _ expected: String) {
    let error = #expect(throws: PipelineError.self) { try Pipeline(yaml: text, file: "p.yaml") }
    let message = error?.description ?? ""
    #expect(message.contains(expected), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test(arguments: [
    // Nine levels of nine references each would expand to 10^9 nodes, here in a key, which a parser
    // compares with the others.
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n? *b\n: 1",
    "[\"# \", *a]",
    "# quiet\u{85}a: *b",
    "\"key\":*x",
    // Keys that are lists or mappings, whose comparison takes long.
    "train:\n- ? ? ? a\n", "?\n  a\n: 1", "[a]: 1", "{a: {b: [c] : 1}}", "train: [{[a]: b}]",
  ])
  func hostileTextIsRefused(_ text: String) {
    #expect(throws: PipelineError.self) { try Pipeline(yaml: text, file: "p.yaml") }
  }

  @Test(arguments: [
    ("[", 200_000), ("- ", 200_000), ("? ", 200_000), ("{a: ", 100_000), ("a", (1 << 20) + 1),
  ])
  func deepOrLargeTextIsRefused(_ unit: String, _ count: Int) {
    let text = String(repeating: unit, count: count)
    #expect(throws: PipelineError.self) { try Pipeline(yaml: text, file: "p.yaml") }
  }

  @Test func commentsMayHoldStars() throws {
    let text = "# *all* of it & more\ntrain: {epochs: 2} # 2*x &c"
    #expect(try Pipeline(yaml: text, file: "p").train.epochs == 2)
  }

  @Test func emptyFileIsTheDefault() throws {
    #expect(try Pipeline(yaml: "", file: "p") == Pipeline())
    #expect(try Pipeline(yaml: "# nothing\n", file: "p") == Pipeline())
  }

  @Test func missingFileIsNamed() {
    let error = #expect(throws: PipelineError.self) { try Pipeline(contentsOf: "/none/p.yaml") }
    #expect(error?.description.hasPrefix("/none/p.yaml: expected a readable pipeline file") == true)
  }

  @Test func aFlagsErrorNamesNoFile() throws {
    var pipeline = try Pipeline(yaml: "train: {epochs: 2}", file: "p.yaml")
    pipeline.train.epochs = -1
    let error = #expect(throws: PipelineError.self) { try pipeline.validate() }
    #expect(
      error?.description == "train.epochs: expected a whole number from 1 to 100000, got -1")
  }
}
