import Experiment
import Files
import Foundation
import Images
import Photographs
import Reports
import Testing
import Training
import WeightFiles

/// What is done with trained weights: prediction, export, reports.
@Suite(.serialized) struct WeightUseTests {
  let fixture: TrainingFixture
  let run: TrainingRun

  init() throws {
    fixture = try TrainingFixture()
    var settings = fixture.settings("run")
    settings.epochs = 1
    settings.tensorboard = true
    run = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
    _ = try run.train()
  }

  /// The validation images of the store as PNG files.
  private func writeImages() throws -> String {
    let folder = fixture.folder.path + "/images"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for sample in 0..<SmallStore.validationCount {
      let planes = SmallStore.image(SmallStore.Label(sample: sample), sample: sample)
      var image = RGBImage(width: 32, height: 32)
      image.pixels = (0..<3 * 1024).map { planes[$0 % 3 * 1024 + $0 / 3] }
      try Data(PNGWriter.encode(image)).write(to: URL(fileURLWithPath: "\(folder)/\(sample).png"))
    }
    return folder
  }

  @Test func predictionsOfFilesAreThoseOfTheStore() throws {
    let folder = try writeImages()
    try Data("no image".utf8).write(to: URL(fileURLWithPath: folder + "/broken.jpg"))
    try FileManager.default.createSymbolicLink(
      atPath: fixture.folder.path + "/link", withDestinationPath: folder)
    let files = try photographs(in: fixture.folder.path + "/link")
    #expect(files.count == SmallStore.validationCount + 1)

    let about = try #require(try WeightDescription(weights: run.folder.best))
    let predictor = try Predictor(
      weights: run.folder.best, settings: about.settings, size: about.imageSize)
    var errors: [Double] = []
    var problems: [String] = []
    var lines: [String] = []
    let failures = try predictor.run(files) { result in
      switch result {
      case .failure(let error): problems.append("\(error)")
      case .success(let prediction):
        let name = URL(fileURLWithPath: prediction.file).deletingPathExtension().lastPathComponent
        let label = SmallStore.Label(sample: try #require(Int(name)))
        if case .number(let age) = prediction.values[0].value {
          errors.append(abs(age - Double(label.age)))
        }
        lines.append(prediction.text(about))
        let json = try JSONSerialization.jsonObject(with: Data(prediction.json(about).utf8))
        let race = (json as? [String: Any])?["race"] as? [String: Any]
        let probabilities = try #require(race?["probabilities"] as? [Double])
        #expect(probabilities.count == 5 && abs(probabilities.reduce(0, +) - 1) < 1e-6)
      }
    }
    #expect(failures == 1 && problems.count == 1)
    #expect(problems.first?.contains("broken.jpg is not an image") == true)
    #expect(lines.allSatisfy { $0.contains("gender male") || $0.contains("gender female") })
    let logged = try #require(try run.folder.records().last?.validation["age_mae"])
    let mae = errors.reduce(0, +) / Double(errors.count)
    #expect(errors.count == SmallStore.validationCount && close(mae, logged, 1e-5))
  }

  private func photographs(in path: String) throws -> [Photograph] {
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
    return try ArgumentSource([path], spool: spool).photographs().photographs
  }

  @Test func exportsHoldTheWeights() throws {
    let export = try ModelExport(GivenWeights(run.folder.best))
    let path = fixture.folder.path + "/state.safetensors"
    #expect(try export.write(.pytorchNames, to: path).hasSuffix("132 tensors"))
    let state = try TensorFile.read(path)
    #expect(state.metadata.isEmpty && state.tensors.count == 132)
    #expect(try export.write(.safetensors, to: path).contains("132 tensors"))
    #expect(try WeightDescription(weights: path) == WeightDescription(weights: run.folder.best))
    #expect(throws: TrainingError.self) {
      try SafetensorsWriter.write(state.tensors, to: path)
      _ = try ModelExport(GivenWeights(path)).write(.safetensors, to: path + ".new")
    }
    let graph = fixture.folder.path + "/face.onnx"
    let sentence = try export.write(.onnx, to: graph, normalizesInGraph: true)
    #expect(sentence.hasSuffix("input image [N, 3, 32, 32], outputs age, gender, race"))
    let size = try FileManager.default.attributesOfItem(atPath: graph)[.size] as? Int
    #expect(try #require(size) > 40_000_000)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: graph))
    for text in [
      "hydranet.config", "hydranet.classes", "hydranet.normalization",
      #"{"name":"race","kind":"categorical","classes":5}"#,
    ] {
      #expect(bytes.range(of: Data(text.utf8)) != nil, "\(text)")
    }
  }

  /// The same weights under other names and with odd counters give the same figures; weights that no
  /// training makes, or only a part, give none.
  @Test func weightsOfOtherMakeAreUsedOrRefused() throws {
    let whole = try TensorFile.read(run.folder.best).tensors
    let path = fixture.folder.path + "/other.safetensors"
    func evaluate(_ tensors: [NamedTensor]) throws -> Evaluation {
      try SafetensorsWriter.write(tensors, to: path)
      return try TrainedModel(weights: path, settings: run.settings, imageSize: 32)
        .evaluate(
          TrainingData(shards: fixture.store, tasks: run.settings.tasks), split: "validation")
    }
    let wanted = try evaluate(whole).figures
    let counter = NameMatch.counterSuffix
    for tensors in [
      whole.map { $0.renamed("module._orig_mod." + $0.name) },
      whole.map { $0.renamed($0.name.replacing("net.", with: "net._orig_mod.")) },
      whole.filter { !$0.name.hasSuffix(counter) },
      whole.map {
        $0.name.hasSuffix(counter) ? NamedTensor(name: $0.name, shape: [1], floats: [3]) : $0
      },
      whole + [NamedTensor(name: "n_averaged", shape: [], integers: [3])],
    ] {
      #expect(try evaluate(tensors).figures == wanted)
    }
    func changed(_ name: String, _ value: Float) throws -> [NamedTensor] {
      try whole.map { tensor in
        guard tensor.name == name else { return tensor }
        let floats = [value] + (try tensor.floats().dropFirst())
        return NamedTensor(name: name, shape: tensor.shape, floats: floats)
      }
    }
    for tensors in [
      try changed("net.conv1.weight", .nan), try changed("net.fc3.final.bias", .infinity),
      try changed("net.bn1.running_var", -1),
      whole.filter { !$0.name.contains("fc3") },
      whole + whole.map { $0.renamed("ema." + $0.name) },
      whole + [NamedTensor(name: "net.layer1.2.conv1.weight", shape: [1], floats: [1])],
    ] {
      #expect(throws: (any Error).self) { _ = try evaluate(tensors).figures }
    }
    #expect(throws: (any Error).self) {
      try TrainedModel(
        weights: run.folder.checkpoint, settings: run.settings, imageSize: 32)
    }
  }

  /// Weights of an MTAN say what they are: evaluation, prediction, export and report follow.
  @Test func weightsOfAnMTANAreUsedAsSuch() throws {
    var settings = fixture.settings("mtan")
    settings.epochs = 1
    settings.model.name = .mtan
    let run = try TrainingRun(settings, start: .new(overwrite: false), quiet: true)
    _ = try run.train()
    let about = try #require(try WeightDescription(weights: run.folder.best))
    let model = try TrainedModel(
      weights: run.folder.best, settings: about.settings, imageSize: about.imageSize)
    let evaluation = try model.evaluate(
      TrainingData(shards: fixture.store, tasks: about.settings.tasks), split: "validation")
    let logged = try #require(try run.folder.records().last?.validation)
    #expect(evaluation.figures == logged)
    let predictor = try Predictor(
      weights: run.folder.best, settings: about.settings, size: about.imageSize)
    let files = try photographs(in: writeImages())
    #expect(try predictor.run(files) { _ in } == 0)
    let export = try ModelExport(GivenWeights(run.folder.best))
    let state = fixture.folder.path + "/mtan.safetensors"
    #expect(try export.write(.safetensors, to: state).contains("294 tensors"))
    #expect(
      try export.write(.onnx, to: fixture.folder.path + "/mtan.onnx").hasSuffix("gender, race"))
    try run.writeReports()
    let page = try String(contentsOfFile: run.folder.report, encoding: .utf8)
    #expect(page.contains("MTAN, ResNet-18"))
    // Another network's settings do not fit.
    #expect(throws: (any Error).self) {
      try TrainedModel(weights: run.folder.best, settings: self.run.settings, imageSize: 32)
    }
  }

  /// Seen in the mirror too, an image and its mirror image get one answer; the mean of the two.
  @Test func mirrorAtTestTimeIsTheMeanOfBoth() throws {
    let folder = fixture.folder.path + "/pair"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var random = SystemRandomNumberGenerator()
    var image = RGBImage(width: 32, height: 32)
    image.pixels = image.pixels.map { _ in UInt8.random(in: 0...255, using: &random) }
    var mirrored = image
    for y in 0..<32 {
      for x in 0..<32 {
        for c in 0..<3 {
          mirrored.pixels[(y * 32 + 31 - x) * 3 + c] = image.pixels[(y * 32 + x) * 3 + c]
        }
      }
    }
    for (name, image) in [("a", image), ("b", mirrored)] {
      try Data(PNGWriter.encode(image)).write(to: URL(fileURLWithPath: "\(folder)/\(name).png"))
    }
    let about = try #require(try WeightDescription(weights: run.folder.best))
    func logits(_ rule: AnswerRule) throws -> [[Double]] {
      let predictor = try Predictor(
        weights: run.folder.best, settings: about.settings, size: about.imageSize, rule: rule)
      var rows: [[Double]] = []
      _ = try predictor.run(photographs(in: folder)) { result in
        rows.append(
          try result.get().values.flatMap { _, value in
            switch value {
            case .number(let number): [number]
            case .classes(_, _, let logits): logits
            }
          })
      }
      return rows
    }
    let plain = try logits(AnswerRule())
    let mean = try logits(AnswerRule(augmentation: .mirror))
    #expect(plain[0] != plain[1] && mean[0] == mean[1])
    for (index, value) in mean[0].enumerated() {
      #expect(abs(value - (plain[0][index] + plain[1][index]) / 2) < 1e-5)
    }
    let cool = try logits(AnswerRule(temperatures: ["race": 2]))
    #expect(cool[0].dropLast(5) == plain[0].dropLast(5))
    #expect(cool[0].suffix(5).elementsEqual(plain[0].suffix(5).map { $0 / 2 }))
  }

  @Test func aRunIsReported() throws {
    try run.writeReports()
    let page = try String(contentsOfFile: run.folder.report, encoding: .utf8)
    #expect(page.contains("Worst predictions") && page.contains("female"))
    let csv = try String(contentsOfFile: run.folder.csv, encoding: .utf8)
    #expect(csv.contains("validation.age_mae"))
    let files = try FileManager.default.contentsOfDirectory(atPath: run.folder.path)
    #expect(files.contains { $0.hasPrefix("events.out.tfevents.") })
    let (comparison, leftOut) = try compareRuns([run.folder.path, fixture.store, run.folder.path])
    #expect(comparison.lines().joined().contains("age MAE") && comparison.runs.count == 2)
    #expect(leftOut.count == 1 && leftOut[0].contains(fixture.store))
    #expect(comparison.warning == nil)
    #expect(throws: TrainingError.self) { try compareRuns([fixture.store]) }
    let folder = #expect(throws: FileError.self) { try GivenWeights(run.folder.path) }
    #expect(folder?.description.contains("give the file of weights in it, such as") == true)
    #expect(folder?.description.hasSuffix("/best.safetensors") == true)
  }
}
