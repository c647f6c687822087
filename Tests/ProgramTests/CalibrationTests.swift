import Foundation
import Store
import Testing

/// `calibrate`, what `predict` and `evaluate` make of it, and figures by group.
@Suite(.serialized) struct CalibrationTests {
  private var store: String { TrainFixture.store }

  /// A copy of the weights in a folder, so that its calibration is no other test's.
  private func copiedWeights(_ folder: String) throws -> String {
    try FileManager.default.copyItem(
      atPath: TrainFixture.weights, toPath: folder + "/w.safetensors")
    return folder + "/w.safetensors"
  }

  private func calibrate(_ weights: String, _ extra: [String] = []) throws -> BuiltProgram.Result {
    // The fixture's validation split is too small to be halved.
    try BuiltProgram.train.run(
      ["calibrate", "--shards", store, "--weights", weights, "--split", "train"] + extra)
  }

  @Test func calibratedWeightsSayHowSureTheyAre() throws {
    try withTemporaryFolder { folder in
      let weights = try copiedWeights(folder)
      let result = try calibrate(weights, ["--json", "--coverage", "0.8"])
      #expect(result.exitCode == 0, "\(result.errors)")
      let report = try result.json()
      let counts = ["fitted_samples", "reported_samples"].map { report[$0]?.intValue ?? 0 }
      #expect(counts.allSatisfy { $0 > 30 })
      let race = try #require(report["heads"]?["race"])
      #expect(
        (race["loss_after"]?.doubleValue ?? 9) <= (race["loss_before"]?.doubleValue ?? 0) + 0.05)
      #expect(race["reliability_after"]?.arrayValue?.count == 15)
      let file = weights + ".calibration.json"
      let first = try Data(contentsOf: URL(fileURLWithPath: file))
      // The number of threads changes nothing.
      let table = try calibrate(weights, ["--threads", "1"])
      #expect(table.output.contains("temperature") && table.output.contains("written: \(file)"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == first)

      let faces = try FileManager.default.contentsOfDirectory(atPath: TrainFixture.faces)
        .filter { $0.hasSuffix(".chip.jpg") }.sorted().prefix(8)
        .map { TrainFixture.faces + "/" + $0 }
      let predict = ["predict", "--weights", weights, "--coverage", "0.9"]
      let json = try BuiltProgram.train.run(predict + ["--json"] + faces)
      #expect(json.exitCode == 0 && json.errors.contains("note: calibrated by"), "\(json.errors)")
      for line in json.output.split(separator: "\n") {
        let object = try Array(line.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
        let age = try #require(object["age"]?.doubleValue)
        let region = try #require(object["regions"]?["age"]?.arrayValue)
        let bounds = region.compactMap(\.doubleValue)
        #expect(bounds.count == 2 && bounds[0] < bounds[1] && age < bounds[1])
        // The store's column of ages starts at 0.
        #expect(bounds[0] >= 0 && (bounds[0] < age || bounds[0] == 0))
        let set = try #require(object["regions"]?["race"]?.arrayValue)
        #expect(set.contains(try #require(object["race"]?["class"])))
        #expect(object["unsure"]?.arrayValue?.contains("race") == (set.count > 1))
        #expect(object["coverage"]?.doubleValue == 0.9)
      }
      let text = try BuiltProgram.train.run(predict + faces)
      #expect(text.output.contains(" to "))

      let graph = folder + "/w.onnx"
      let export = ["export", "--weights", weights, "--format", "onnx", "--output", graph]
      let exported = try BuiltProgram.train.run(export)
      #expect(exported.output.contains("temperatures: gender "), "\(exported.errors)")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: graph))
      #expect(bytes.range(of: Data("hydranet.temperatures".utf8)) != nil)
      #expect(try BuiltProgram.train.run(export + ["--uncalibrated"]).exitCode == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: graph)) != bytes)

      let evaluate = ["evaluate", "--shards", store, "--weights", weights, "--json"]
      let cooled = try BuiltProgram.train.run(evaluate)
      #expect(cooled.errors.contains("fitted on the train split of this store"))
      let same = try BuiltProgram.train.run(evaluate + ["--split", "train"])
      #expect(same.errors.contains("fitted on one half of this split"))
      let plain = try BuiltProgram.train.run(evaluate + ["--uncalibrated"])
      #expect(plain.errors.isEmpty)
      let (a, b) = (try cooled.json(), try plain.json())
      #expect(a["figures"]?["race_accuracy"] == b["figures"]?["race_accuracy"])
      #expect(a["figures"]?["race_loss"] != b["figures"]?["race_loss"])
      #expect(a["remarks"]?.arrayValue?.count == 1 && b["remarks"] == [])
    }
  }

  @Test func whatDoesNotBelongIsRefused() throws {
    try withTemporaryFolder { folder in
      let weights = try copiedWeights(folder)
      let face = try #require(
        FileManager.default.contentsOfDirectory(atPath: TrainFixture.faces)
          .first { $0.hasSuffix(".chip.jpg") })
      let predict = ["predict", "--weights", weights, TrainFixture.faces + "/" + face]
      func refused(_ arguments: [String], _ expected: String) throws {
        let result = try BuiltProgram.train.run(arguments)
        #expect(result.exitCode != 0 && result.output.isEmpty)
        #expect(result.errors.contains(expected), "\(result.errors)")
      }
      try refused(predict + ["--coverage", "0.9"], "calibrate")
      try refused(predict + ["--coverage", "0.4"], "--coverage")
      let small = try BuiltProgram.train.run(
        ["calibrate", "--shards", store, "--weights", weights])
      #expect(small.exitCode == 1 && small.errors.contains("in one half, expected at least 20"))
      #expect(!FileManager.default.fileExists(atPath: weights + ".calibration.json"))

      #expect(try calibrate(weights, ["--tta", "mirror"]).exitCode == 0)
      try refused(predict + ["--tta", "none"], "the weights were calibrated with --tta mirror")
      let file = URL(fileURLWithPath: weights + ".calibration.json")
      let good = try String(contentsOf: file, encoding: .utf8)
      for (from, to, expected) in [
        ("\"format\" : 1", "\"format\" : 2", "is not a calibration of format 1"),
        ("weights_sha256\" : \"", "weights_sha256\" : \"0", "was made for other weights"),
        ("\"age\"", "\"agf\"", "calibrates the tasks agf"),
        ("\"temperature\" : 1", "\"temperature\" : -1", "has a bad entry"),
        ("\"temperature\" : 1", "\"temperature\" : 2", "has a bad entry"),
        ("\"minimum\" : 0", "\"minimum\" : 1e300", "has a bad entry"),
        ("\"minimum\" : 0", "\"minimum\" : null", "has a bad entry"),
        ("\"store\"", "\"shop\"", "is not a calibration of format 1"),
        ("\"fitted_samples\" : ", "\"fitted_samples\" : -", "is not a calibration of format 1"),
        ("{", "[", "is not JSON"),
      ] {
        #expect(good.contains(from), "\(from)")
        try good.replacing(from, with: to, maxReplacements: 1)
          .write(to: file, atomically: true, encoding: .utf8)
        try refused(predict, expected)
        #expect(try BuiltProgram.train.run(predict + ["--uncalibrated"]).exitCode == 0)
      }
    }
  }

  @Test func figuresByAnyColumn() throws {
    try withTemporaryFolder { folder in
      let evaluate = ["evaluate", "--shards", store, "--weights", TrainFixture.weights]
      let csv = folder + "/groups.csv"
      let arguments = evaluate + ["--split", "train", "--by", "gender,age/20", "--by", "race"]
      let text = try BuiltProgram.train.run(arguments + ["--csv", csv])
      #expect(text.exitCode == 0 && text.output.contains("\ngender × age  "), "\(text.errors)")
      #expect(text.output.contains("gender by race: demographic parity difference"))
      #expect(!text.output.contains("gender by gender"))
      let rows = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
      #expect(rows.contains { $0.hasPrefix("\"gender,age\",\"male,20–39\",age,mae,") })
      #expect(rows.contains { $0.hasPrefix("race,White,gender,selection_rate,") })
      let again = try BuiltProgram.train.run(arguments + ["--json", "--threads", "1"]).json()
      let groups = try #require(again["by"]?.arrayValue?.last?["groups"]?.arrayValue)
      #expect(groups.count == 5)
      let first = try #require(groups.first?["figures"]?["age_mae"])
      #expect(
        rows.contains {
          $0.hasPrefix("race,White,age,mae,") && $0.contains("\(first["value"]?.doubleValue ?? 0)")
            && $0.hasSuffix("\(first["high"]?.doubleValue ?? 0)")
        })
      for (by, expected) in [
        ("rice", "did you mean race?"), ("age", "give the width of its bins, such as age/10"),
        ("age/0", "needs a bin width above 0"), ("age/0.5", "a whole number"),
        ("race/2", "is a class and has no bins"), ("", "has no column"), ("race,", "has no column"),
        ("race,race", "names column race twice"), ("age/1e309", "needs a bin width above 0"),
      ] {
        let result = try BuiltProgram.train.run(evaluate + ["--by", by])
        #expect(result.exitCode == 1 && result.errors.contains(expected), "\(result.errors)")
      }
      let lonely = try BuiltProgram.train.run(evaluate + ["--csv", csv])
      #expect(lonely.exitCode == 64 && lonely.errors.contains("give --by with it"))
    }
  }

  @Test func theMirrorIsSaid() throws {
    let result = try BuiltProgram.train.run([
      "evaluate", "--shards", store, "--weights", TrainFixture.weights, "--tta", "mirror",
    ])
    #expect(result.output.contains("mean of each image and its mirror image"))
  }
}
