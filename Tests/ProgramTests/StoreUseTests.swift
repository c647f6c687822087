import Foundation
import Store
import Testing

/// A run, its weights and the store that they belong to.
@Suite(.serialized) struct StoreUseTests {
  private func build(_ output: String, _ arguments: [String]) throws -> String {
    let result = try BuiltProgram.prep.run(
      ["build", TrainFixture.faces, "--output", output] + arguments)
    #expect(result.exitCode == 0, "\(result.errors)")
    return output
  }

  /// A copy, moved or written with another codec and shard size, is the same content; another split
  /// is not, also where it has taken the name of the run's own store.
  @Test func aRunIsResumedOnItsOwnContentAlone() throws {
    try withTemporaryFolder { folder in
      let store = try TrainFixture.copyStore(to: folder)
      let (run, _) = try TrainFixture.stoppedRun(shards: store, in: folder, signal: SIGTERM)
      let converted = try build(
        folder + "/converted", ["--codec", "portable", "--samples-per-shard", "7"])
      let other = try build(folder + "/other", ["--seed", "7", "--samples-per-shard", "32"])
      let before = contents(of: run)
      let refused = try BuiltProgram.train.run(["--resume", run, "--shards", other])
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("photographs in train and validation differ"))
      #expect(contents(of: run) == before)

      try FileManager.default.removeItem(atPath: store)
      let missing = try BuiltProgram.train.run(["--resume", run])
      #expect(missing.exitCode == 1)
      #expect(missing.errors.contains("/store") && missing.errors.contains("--shards DIR"))
      #expect(!missing.errors.contains("utk-prep build"))
      #expect(
        try BuiltProgram.train.run(["--resume", run, "--shards", converted, "--no-report"])
          .exitCode == 0)
      #expect(
        try TrainFixture.records(run).last?["validation"]
          == TrainFixture.records(TrainFixture.undisturbed.run).last?["validation"])
    }
  }

  @Test func evaluationSaysWhoIsMeasured() throws {
    try withTemporaryFolder { folder in
      func evaluate(_ arguments: [String]) throws -> BuiltProgram.Result {
        try BuiltProgram.train.run(["evaluate", "--weights", TrainFixture.weights] + arguments)
      }
      let own = try evaluate(["--shards", TrainFixture.store])
      #expect(own.exitCode == 0 && own.errors.isEmpty)
      let train = try evaluate(["--shards", TrainFixture.store, "--split", "train"])
      #expect(train.errors.contains("warning: all photographs that the weights were trained on"))
      let other = try build(folder + "/other", ["--seed", "7", "--validation", "0.4"])
      let mixed = try evaluate(["--shards", other])
      #expect(mixed.exitCode == 0)
      #expect(
        mixed.errors.contains("holds different photographs from those of the validation split"))
      #expect(mixed.errors.contains("photographs that the weights were trained on are in split"))
    }
  }

  @Test func anotherSizeNeedsAFlag() throws {
    try withTemporaryFolder { folder in
      let large = try build(folder + "/large", ["--size", "64"])
      let arguments = ["evaluate", "--weights", TrainFixture.weights, "--shards", large]
      let refused = try BuiltProgram.train.run(arguments)
      #expect(refused.exitCode == 1 && refused.output.isEmpty)
      #expect(refused.errors.contains("trained at 32 pixels"))
      let allowed = try BuiltProgram.train.run(arguments + ["--size", "64"])
      #expect(allowed.exitCode == 0)
      #expect(allowed.errors.contains("32 pixels") && !allowed.errors.contains("photographs than"))
      let exported = try BuiltProgram.train.run([
        "export", "--weights", TrainFixture.weights, "--format", "onnx", "--size", "64",
        "--output", folder + "/face.onnx",
      ])
      #expect(exported.exitCode == 0 && exported.errors.contains("32 pixels"))
    }
  }

  /// Class weights that came from the store are in the weight file.
  @Test func evaluationHasTheLossOfTheRecord() throws {
    try withTemporaryFolder { folder in
      let recipe = folder + "/recipe.yaml"
      try """
      train:
        shards: \(TrainFixture.store)
        epochs: 1
        batch_size: 16
        tasks:
          - {name: age, column: age, kind: regression, loss: l1, weight: 0.1}
          - {name: race, column: race, kind: categorical, classes: 5, loss: ce, class_weights: balanced}
      """.write(toFile: recipe, atomically: true, encoding: .utf8)
      let run = folder + "/run"
      #expect(
        try BuiltProgram.train.run([
          "--pipeline", recipe, "--output", run, "--no-report", "--quiet",
        ]).exitCode == 0)
      let evaluated = try BuiltProgram.train.run([
        "evaluate", "--shards", TrainFixture.store, "--weights", run + "/last.safetensors",
        "--json",
      ]).json()
      let logged = try #require(
        try TrainFixture.records(run).last?["validation"]?["race_loss"]?.doubleValue)
      let measured = try #require(evaluated["figures"]?["race_loss"]?.doubleValue)
      #expect(abs(logged - measured) <= 1e-5 * abs(logged))
    }
  }
}
