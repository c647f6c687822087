import Foundation
import Store
import Testing

/// A number that is learned as a distribution, through every command.
@Suite(.serialized) struct DistributionTests {
  private func write(_ task: String, to path: String) throws {
    try "train: {tasks: [{name: age, kind: regression, \(task)}]}\n"
      .write(toFile: path, atomically: true, encoding: .utf8)
  }

  private func train(_ recipe: String, _ more: [String]) throws -> BuiltProgram.Result {
    try BuiltProgram.train.run(
      ["--pipeline", recipe, "--shards", TrainFixture.store] + TrainFixture.recipe + more)
  }

  @Test func learnedMeasuredCalibratedAndExported() throws {
    try withTemporaryFolder { folder in
      let (recipe, run) = (folder + "/recipe.yaml", folder + "/run")
      try write("loss: dldl, sigma: 3, expectation_weight: 0.5, weight: 0.3", to: recipe)
      let trained = try train(recipe, ["--output", run, "--json"])
      #expect(trained.exitCode == 0, "\(trained.errors)")
      let report = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
      #expect(report.contains("age"))
      // The column says the least age, the training labels the largest.
      let ages = try StoreReader(path: TrainFixture.store).split("train").column("age").floats
      let oldest = Int(try #require(ages.max()))
      let weights = run + "/last.safetensors"
      let header = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: weights)).prefix(20_000), as: UTF8.self)
      #expect(header.contains("range: [0, \(oldest)]") && header.contains("[\(oldest + 1),512]"))
      let config = try String(contentsOfFile: run + "/config.yaml", encoding: .utf8)
      #expect(config.contains("loss: dldl") && !config.contains("range"))

      let evaluate = ["evaluate", "--shards", TrainFixture.store, "--weights", weights, "--json"]
      let figures = try #require(try BuiltProgram.train.run(evaluate).json()["figures"])
      #expect(figures == (try TrainFixture.records(run).last?["validation"]))
      #expect((figures["age_mae"]?.doubleValue ?? 99) < 60)
      // The same weights, read in another way: the recipe leaves the range to the weights.
      let other = folder + "/mean.yaml"
      try write(
        "loss: dldl, sigma: 3, expectation_weight: 0.5, weight: 0.3, answer: mean", to: other)
      let mean = try BuiltProgram.train.run(evaluate + ["--pipeline", other])
      #expect(mean.exitCode == 0, "\(mean.errors)")
      // Batches are of the recipe's size, so sums are rounded in another order.
      let losses = try [mean.json()["figures"], figures].map {
        try #require($0?["age_loss"]?.doubleValue)
      }
      #expect(abs(losses[0] - losses[1]) < 1e-5 * losses[1])
      #expect(try mean.json()["figures"]?["age_mae"] != figures["age_mae"])

      let calibrated = try BuiltProgram.train.run([
        "calibrate", "--shards", TrainFixture.store, "--weights", weights, "--split", "train",
        "--tta", "mirror",
      ])
      #expect(calibrated.exitCode == 0, "\(calibrated.errors)")
      let face = try #require(
        FileManager.default.contentsOfDirectory(atPath: TrainFixture.faces)
          .first { $0.hasSuffix(".chip.jpg") })
      let predicted = try BuiltProgram.train.run([
        "predict", "--weights", weights, "--coverage", "0.8", "--json",
        TrainFixture.faces + "/" + face,
      ])
      let object = try predicted.json()
      // The median is one of the values.
      let age = try #require(object["age"]?.doubleValue)
      #expect(age == age.rounded() && (0...Double(oldest)).contains(age), "\(predicted.errors)")
      #expect(object["regions"]?["age"]?.arrayValue?.count == 2)
      let quantiles = try ["0.05", "0.25", "0.5", "0.75", "0.95"].map {
        try #require(object["quantiles"]?["age"]?[$0]?.doubleValue)
      }
      #expect(quantiles == quantiles.sorted() && quantiles[2] == age)

      let graph = folder + "/age.onnx"
      let exported = try BuiltProgram.train.run([
        "export", "--weights", weights, "--format", "onnx", "--output", graph, "--uncalibrated",
      ])
      #expect(exported.exitCode == 0, "\(exported.errors)")
      let text =
        #"{"name":"age","kind":"regression","values":{"first":0.0,"width":1.0,"#
        + #""count":\#(oldest + 1)},"answer":"median"}"#
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: graph)).range(of: Data(text.utf8)) != nil)
    }
  }

  @Test func aResumedRunIsTheSameToTheBit() throws {
    try withTemporaryFolder { folder in
      let recipe = folder + "/recipe.yaml"
      try write("loss: ce, bin_width: 2, answer: mean", to: recipe)
      let whole = try train(
        recipe, ["--output", folder + "/whole", "--no-report", "--threads", "1"])
      #expect(whole.exitCode == 0, "\(whole.errors)")
      let stopped = try TrainFixture.stoppedRun(
        in: folder, signal: SIGINT, extra: ["--pipeline", recipe])
      #expect(stopped.result.exitCode == 130, "\(stopped.result.errors)")
      let resumed = try BuiltProgram.train.run(["--resume", stopped.run, "--no-report"])
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      let bytes = try [stopped.run, folder + "/whole"].map {
        try Data(contentsOf: URL(fileURLWithPath: $0 + "/last.safetensors"))
      }
      #expect(bytes[0] == bytes[1])
    }
  }

  @Test func whatCannotBeIsRefused() throws {
    try withTemporaryFolder { folder in
      let recipe = folder + "/recipe.yaml"
      for (task, expected) in [
        ("loss: ce, bin_width: 0.01", "values 0.01 apart; give the task another bin_width"),
        ("loss: ce, range: [0, 5000]", "train.tasks[0].range"),
        ("loss: ce, range: [9, 3]", "train.tasks[0].range"),
        ("loss: ce, class_weights: balanced", "it only in a categorical task"),
        ("loss: l1, sigma: 3", "it only in a regression with loss dldl"),
        ("loss: dldl, answer: middle", "train.tasks[0].answer"),
      ] {
        try write(task, to: recipe)
        let result = try train(recipe, ["--output", folder + "/run"])
        #expect(result.exitCode != 0 && result.output.isEmpty)
        #expect(result.errors.contains(expected), "\(task): \(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
      }
    }
  }
}
