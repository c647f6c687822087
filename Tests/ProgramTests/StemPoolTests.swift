import Foundation
import Testing

/// A network without the stem's max-pool, through every command that must know of it.
@Suite(.serialized) struct StemPoolTests {
  @Test func theWeightsSayThatThereIsNone() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let trained = try BuiltProgram.train.run(
        ["--shards", TrainFixture.store, "--output", run, "--stem-pool", "none", "--json"]
          + TrainFixture.recipe)
      #expect(trained.exitCode == 0, "\(trained.errors)")
      let config = try String(contentsOfFile: run + "/config.yaml", encoding: .utf8)
      #expect(config.contains("pool: none"))

      let weights = run + "/last.safetensors"
      let measured = try BuiltProgram.train.run([
        "evaluate", "--shards", TrainFixture.store, "--weights", weights, "--json",
      ])
      #expect(
        try measured.json()["figures"] == TrainFixture.records(run).last?["validation"],
        "\(measured.errors)")

      // A recipe need not know of it, and must not say otherwise.
      let (silent, wrong) = (folder + "/silent.yaml", folder + "/wrong.yaml")
      try "train: {}\n".write(toFile: silent, atomically: true, encoding: .utf8)
      try "train: {model: {stem: {pool: none}}}\n"
        .write(toFile: wrong, atomically: true, encoding: .utf8)
      func evaluate(_ weights: String, _ recipe: String) throws -> BuiltProgram.Result {
        try BuiltProgram.train.run([
          "evaluate", "--shards", TrainFixture.store, "--weights", weights, "--json",
          "--pipeline", recipe,
        ])
      }
      let again = try evaluate(weights, silent)
      let errors = try [again, measured].map {
        try #require($0.json()["figures"]?["age_mae"]?.doubleValue)
      }
      #expect(abs(errors[0] - errors[1]) < 1e-4 * errors[1])
      let refused = try evaluate(TrainFixture.weights, wrong)
      #expect(refused.exitCode != 0)
      #expect(refused.errors.contains("was trained with max; leave it out of the recipe"))

      let graph = folder + "/faces.onnx"
      let exported = try BuiltProgram.train.run([
        "export", "--weights", weights, "--format", "onnx", "--output", graph,
      ])
      #expect(exported.exitCode == 0, "\(exported.errors)")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: graph))
      #expect(bytes.range(of: Data("GlobalAveragePool".utf8)) != nil)
      #expect(bytes.range(of: Data("MaxPool".utf8)) == nil)
    }
  }
}
