import Foundation
import Store
import Testing

/// Both programs on a data set that is not UTKFace: a number in float32, twelve classes and missing
/// labels from a table, and folders as classes.
@Suite struct OtherDataTests {
  /// 96 drawn faces under other names, `folder/photos`, and their labels, `folder/labels.csv`.
  private func makeData(in folder: String) throws {
    let files = FileManager.default
    let names = try files.subpathsOfDirectory(atPath: TrainFixture.faces)
      .filter { $0.hasSuffix(".jpg") && $0.split(separator: "_").count == 4 }.sorted().prefix(96)
    var rows = ["path,score,month,set"]
    for (index, name) in names.enumerated() {
      try files.createDirectory(
        atPath: "\(folder)/photos/\(index % 3)", withIntermediateDirectories: true)
      try files.copyItem(
        atPath: "\(TrainFixture.faces)/\(name)",
        toPath: "\(folder)/photos/\(index % 3)/\(index).jpg")
      let score = index % 7 == 0 ? "" : "\(Double(index) / 10 - 3.25)"
      let month = index % 5 == 0 ? "" : "m\(index % 12 + 1)"
      rows.append("\(index % 3)/\(index).jpg,\(score),\(month),\(index % 4 == 0 ? "val" : "train")")
    }
    rows += ["absent.jpg,1,m1,train"]
    try rows.joined(separator: "\n").write(
      toFile: folder + "/labels.csv", atomically: true, encoding: .utf8)
  }

  @Test func aTableOfLabelsFromEndToEnd() throws {
    try withTemporaryFolder { folder in
      try makeData(in: folder)
      let store = folder + "/store"
      let build = [
        "build", folder + "/photos", "--labels", folder + "/labels.csv", "--output", store,
        "--split", "train=0.6,validation=0.2,test=0.2", "--json",
      ]
      let built = try BuiltProgram.prep.run(build)
      #expect(built.exitCode == 0, "\(built.errors)")
      let summary = try built.json()
      // Two of the drawn files are damaged on purpose.
      #expect(summary["accepted"]?.intValue == 94 && summary["rejected_total"]?.intValue == 2)
      #expect(summary["guessed_columns"]?.stringValue?.contains("name: month, kind: class") == true)
      #expect(
        summary["notices"]?.arrayValue?.contains {
          $0.stringValue?.hasPrefix("1 of the 97 paths") == true
        } == true)
      #expect(try BuiltProgram.prep.run(build).json()["unchanged"] == true)

      let reader = try StoreReader(path: store)
      #expect(reader.splits.map(\.name) == ["train", "validation", "test"])
      #expect(reader.splits.reduce(0) { $0 + $1.sampleCount } == 94)
      for split in reader.splits {
        let (names, scores) = (try split.names(), try split.column("score").floats)
        let months = try split.column("month")
        for (sample, name) in names.enumerated() {
          let index = try #require(Int(name.dropFirst(2).dropLast(4)))
          #expect(
            index % 7 == 0
              ? scores[sample].isNaN : abs(scores[sample] - (Float(index) / 10 - 3.25)) < 1e-5)
          let month = months.value(sample)?.number.map { months.column.classNames[Int($0)] }
          #expect(month == (index % 5 == 0 ? nil : "m\(index % 12 + 1)"))
        }
      }
      let stats = try BuiltProgram.prep.run(["stats", store, "--json"]).json()
      #expect(
        stats["splits"]?["train"]?["columns"]?["month"]?["histogram"]?.arrayValue?.count == 12)

      let run = folder + "/run"
      let train = try BuiltProgram.train.run([
        "--shards", store, "--output", run, "--epochs", "2", "--batch-size", "16", "--json",
      ])
      #expect(train.exitCode == 0, "\(train.errors)")
      let config = try String(contentsOfFile: run + "/config.yaml", encoding: .utf8)
      #expect(config.contains("name: score") && config.contains("classes: 12"))
      let weights = run + "/best.safetensors"
      let evaluate = [
        "evaluate", "--shards", store, "--weights", weights, "--split", "test",
      ]
      #expect(try BuiltProgram.train.run(evaluate).output.hasPrefix("the test split: "))
      let figures = try BuiltProgram.train.run(evaluate + ["--json"]).json()
      #expect(figures["split"] == "test" && figures["figures"]?["score_mae"]?.doubleValue != nil)
      let predict = try BuiltProgram.train.run([
        "predict", folder + "/photos/0/0.jpg", "--weights", weights,
      ])
      #expect(predict.exitCode == 0 && predict.output.contains("score"), "\(predict.errors)")
      let export = try BuiltProgram.train.run([
        "export", "--weights", weights, "--format", "onnx", "--output", folder + "/model.onnx",
      ])
      #expect(export.exitCode == 0, "\(export.errors)")
    }
  }

  @Test func foldsAreTrainedOneByOne() throws {
    try withTemporaryFolder { folder in
      try makeData(in: folder)
      let store = folder + "/store"
      let built = try BuiltProgram.prep.run([
        "build", folder + "/photos", "--labels-from", "folders", "--folds", "3", "--output", store,
      ])
      #expect(built.exitCode == 0, "\(built.errors)")
      #expect(built.output.contains("classes: [\"0\", \"1\", \"2\"]"))
      let folds = try StoreReader(path: store).split("train").column("fold").floats
      #expect(folds.count == 94 && Set(folds) == [0, 1, 2])
      let train = try BuiltProgram.train.run([
        "--shards", store, "--fold", "1", "--output", folder + "/run", "--epochs", "1",
        "--batch-size", "16", "--no-report",
      ])
      #expect(train.exitCode == 0, "\(train.errors)")
      let evaluate = try BuiltProgram.train.run([
        "evaluate", "--shards", store, "--weights", folder + "/run/best.safetensors", "--json",
      ])
      #expect(
        try evaluate.json()["samples"]?.intValue == folds.count { $0 == 1 }, "\(evaluate.errors)")
      #expect(evaluate.errors.isEmpty, "\(evaluate.errors)")
      let wrong = try BuiltProgram.train.run(["--shards", store, "--fold", "7"])
      #expect(wrong.exitCode != 0 && wrong.errors.contains("has no fold 7; it has 0, 1, 2"))
    }
  }

  @Test func aFileSaysTheSplit() throws {
    try withTemporaryFolder { folder in
      try makeData(in: folder)
      let split = folder + "/split.csv"
      let rows = (0..<90).map { "\($0 % 3)/\($0).jpg,\($0 % 4 == 0 ? "val" : "train")" }
      try (["path,split"] + rows).joined(separator: "\n").write(
        toFile: split, atomically: true, encoding: .utf8)
      let built = try BuiltProgram.prep.run([
        "build", folder + "/photos", "--labels", folder + "/labels.csv", "--split-file", split,
        "--output", folder + "/store", "--json",
      ])
      #expect(built.exitCode == 0, "\(built.errors)")
      #expect(try built.json()["left_out"]?.intValue == 6)
      let store = try StoreReader(path: folder + "/store")
      #expect(store.splits.map(\.sampleCount) == [66, 22])
      #expect(
        try store.split("validation").names().allSatisfy {
          Int($0.dropFirst(2).dropLast(4))! % 4 == 0
        })
    }
  }
}
