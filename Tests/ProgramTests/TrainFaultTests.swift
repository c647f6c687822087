import Foundation
import Store
import Testing

/// What goes wrong around `hydra-train`: one sentence, an exit code, and nothing lost.
@Suite(.serialized) struct TrainFaultTests {
  private func expectSentence(
    _ result: BuiltProgram.Result, code: Int32 = 1, says: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.exitCode == code, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    // Before it there may be the head of a run.
    let sentences = result.errorLines.filter { $0.hasPrefix("hydra-train: ") }
    #expect(
      sentences.count == 1 && sentences.last == result.errorLines.last, "\(result.errors)",
      sourceLocation: sourceLocation)
    for text in says {
      #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: sourceLocation)
    }
  }

  /// Changes a file of a store in place.
  private func edit(_ path: String, _ change: (inout Data) throws -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    try change(&data)
    try data.write(to: URL(fileURLWithPath: path))
  }

  /// However a store is damaged under a stopped run, the run keeps its files, and goes on once the
  /// store is whole again.
  @Test func aDamagedStoreLeavesTheCheckpoint() throws {
    try withTemporaryFolder { folder in
      let store = try TrainFixture.copyStore(to: folder)
      let (run, stopped) = try TrainFixture.stoppedRun(shards: store, in: folder, signal: SIGTERM)
      #expect(stopped.exitCode == 130)
      let before = contents(of: run)
      let shard = store + "/train/image/c/1/0/0/0"
      let root = store + "/zarr.json"
      let faults: [(path: String, says: [String], change: (inout Data) throws -> Void)] = [
        (
          shard, ["train/image/c/1/0/0/0, sample ", "CRC-32C", "utk-prep verify"],
          { data in for place in stride(from: 0, to: data.count / 2, by: 100) { data[place] ^= 1 } }
        ),
        (shard, ["train/image/c/1/0/0/0", "bytes, expected", "build"], { $0.removeLast(100) }),
        (
          store + "/train/race/c/0", ["train/race/c/0", "CRC-32C"],
          { $0[$0.count / 2] ^= 1 }
        ),
        (root, ["zarr.json", "build the store again"], { $0.removeLast(50) }),
        (
          root, ["zarr.json", "SHA-256"],
          { data in data[try #require(data.range(of: Data("channel_mean".utf8))).lowerBound] ^= 1 }
        ),
        (
          root, ["has format version 9, expected 1", "build the store again"],
          { data in
            let version = try #require(data.range(of: Data("\"format_version\" : 2".utf8)))
            data.replaceSubrange(version, with: Data("\"format_version\" : 9".utf8))
          }
        ),
      ]
      for fault in faults {
        let whole = try Data(contentsOf: URL(fileURLWithPath: fault.path))
        try edit(fault.path, fault.change)
        let result = try BuiltProgram.train.run(["--resume", run])
        expectSentence(result, says: fault.says)
        #expect(contents(of: run) == before)
        try whole.write(to: URL(fileURLWithPath: fault.path))
      }
      try FileManager.default.moveItem(atPath: shard, toPath: folder + "/kept")
      expectSentence(
        try BuiltProgram.train.run(["--resume", run]),
        says: ["train/image/c/1/0/0/0", "is missing from the store"])
      #expect(contents(of: run) == before)
      try FileManager.default.moveItem(atPath: folder + "/kept", toPath: shard)
      #expect(try BuiltProgram.train.run(["--resume", run, "--no-report"]).exitCode == 0)
      #expect(
        FileManager.default.contentsEqual(
          atPath: run + "/last.safetensors",
          andPath: TrainFixture.undisturbed.run + "/last.safetensors"))
    }
  }

  /// A flipped bit is found when its sample is used, in training and in evaluation.
  @Test func aFlippedBitIsNamed() throws {
    try withTemporaryFolder { folder in
      let store = try TrainFixture.copyStore(to: folder)
      try edit(store + "/validation/image/c/0/0/0/0") { $0[40] ^= 1 }
      let says = ["validation/image/c/0/0/0/0, sample 0", "utk-prep verify"]
      expectSentence(
        try BuiltProgram.train.run([
          "evaluate", "--shards", store, "--weights", TrainFixture.weights,
        ]), says: says)
      let result = try BuiltProgram.train.run(
        ["--shards", store, "--output", folder + "/run", "--quiet"] + TrainFixture.recipe)
      expectSentence(result, says: says)
      #expect(contents(of: folder + "/run").keys.sorted() == ["config.yaml"])
    }
  }

  @Test func aLossThatIsNoNumber() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let result = try BuiltProgram.train.run([
        "--shards", TrainFixture.store, "--output", run, "--batch-size", "16", "--epochs", "9",
        "--lr", "1000", "--checkpoint-every", "1",
      ])
      expectSentence(
        result, code: 2, says: ["became", "epoch 1, step ", "intact in \(run)", "a lower --lr"])
      let before = contents(of: run)
      #expect(before["checkpoint.safetensors"]?.isEmpty == false)
      expectSentence(try BuiltProgram.train.run(["--resume", run]), code: 2, says: ["became"])
      #expect(contents(of: run) == before)
    }
  }

  @Test func aFullDiskLeavesTheCheckpoint() throws {
    try withTemporaryFolder { folder in
      let (run, _) = try TrainFixture.stoppedRun(in: folder, signal: SIGINT)
      let before = contents(of: run)
      // Blocks of 1 KiB: the weights fit, the checkpoint does not.
      let result = try BuiltProgram.train.run(["--resume", run], limit: "ulimit -f 60000;")
      expectSentence(
        result, says: ["checkpoint.safetensors", "File too large"])
      let after = contents(of: run)
      for name in ["checkpoint.safetensors", "config.yaml"] { #expect(after[name] == before[name]) }
      #expect(!after.keys.contains { $0.hasSuffix(".partial") })
    }
  }

  @Test func anEarlierRunIsKept() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
      let own = run + "/resnet18.safetensors"
      try Data("the user's own".utf8).write(to: URL(fileURLWithPath: own))
      let arguments = ["--shards", TrainFixture.store, "--output", run, "-q", "--no-report"]
      let recipe = ["--epochs", "1", "--batch-size", "32"]
      #expect(try BuiltProgram.train.run(arguments + recipe).exitCode == 0)
      let before = contents(of: run)
      expectSentence(
        try BuiltProgram.train.run(arguments + recipe + ["--seed", "9"]),
        says: ["\(run) already holds a run", "--resume \(run)", "--force"])
      expectSentence(
        try BuiltProgram.train.run(["--resume", run, "--lr", "0.5"]), code: 64,
        says: ["keeps the run's recipe"])
      #expect(contents(of: run) == before)
      let forced = try BuiltProgram.train.run(arguments + recipe + ["--seed", "9", "--force"])
      #expect(forced.exitCode == 0)
      let after = contents(of: run)
      #expect(after.keys == before.keys)
      #expect(after["last.safetensors"] != before["last.safetensors"])
      #expect(after["resnet18.safetensors"] == Data("the user's own".utf8))
    }
  }

  /// Weights of another network, for every command that takes weights.
  @Test(arguments: [
    ["evaluate", "--shards", "STORE", "--weights", "FILE"],
    ["predict", "--weights", "FILE", "FACES"],
    ["export", "--weights", "FILE", "--format", "onnx", "--output", "OUT"],
    ["--shards", "STORE", "--batch-size", "16", "--pretrained", "FILE", "--output", "OUT"],
  ])
  func weightsOfAnotherNetwork(arguments: [String]) throws {
    try withTemporaryFolder { folder in
      let file = folder + "/other.safetensors"
      let header = #"{"encoder.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  "#
      var data = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0])
      data += Data(header.utf8) + Data(count: 8)
      try data.write(to: URL(fileURLWithPath: file))
      let places = [
        "STORE": TrainFixture.store, "FILE": file, "FACES": TrainFixture.faces,
        "OUT": folder + "/out",
      ]
      let result = try BuiltProgram.train.run(arguments.map { places[$0] ?? $0 })
      expectSentence(result, says: [file, "tensor"])
      #expect(!FileManager.default.fileExists(atPath: folder + "/out"))
    }
  }

  @Test(arguments: [
    (["--batch-size", "1000"], "a batch of 1000 is larger than the data"),
    (["--epochs", "0"], "--epochs: expected a whole number from 1 to 100000, got 0"),
    (["--pipeline", "/nowhere.yaml"], "/nowhere.yaml: expected a readable pipeline file"),
    (["--shards", "/nowhere"], "/nowhere: does not exist"),
    (["--shards", "/tmp"], "is not a store: it has no zarr.json"),
    (["--output", "/proc/run"], "/proc/run: cannot create the folder: No such file"),
    (["--pretrained", "/nowhere.pth"], "/nowhere.pth: cannot open: No such file"),
    (["--task-weight", "height=1"], "expected one of age, gender, race, got \"height\""),
    (["--freeze", "trunk", "--freeze", "heads"], "nothing to train"),
    (["--best-metric", "age_mea"], "did you mean age_mae?"),
  ])
  func mistakesOfARun(arguments: [String], says: String) throws {
    try withTemporaryFolder { folder in
      var all = ["--batch-size", "16"]
      if !arguments.contains("--shards") { all += ["--shards", TrainFixture.store] }
      if !arguments.contains("--output") { all += ["--output", folder + "/run"] }
      expectSentence(try BuiltProgram.train.run(all + arguments), says: [says])
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }

  @Test(arguments: [
    (["--resume", "/nowhere"], Int32(1), "/nowhere/config.yaml"),
    (
      ["evaluate", "--shards", "/nowhere", "--weights", "/nowhere"], 1, "/nowhere: cannot open"
    ),
    (["predict", "--weights", "/nowhere", "face.jpg"], 1, "/nowhere: cannot open"),
    (["inspect", "/tmp"], 1, "/tmp: is a folder"),
    (["compare", "/nowhere"], 1, "/nowhere/config.yaml"),
    (["bench", "--shards", "/nowhere"], 1, "/nowhere: does not exist"),
    (["--resume", "run", "--force"], 64, "leave out --pipeline, --output and --force"),
    (["bench", "--shards", "x", "--loader-only", "--step-only"], 64, "exclude each other"),
    (["paint"], 64, "\"paint\" is not a command"),
    (["--version"], 0, ""),
  ])
  func mistakesOfOtherCommands(arguments: [String], code: Int32, says: String) throws {
    let result = try BuiltProgram.train.run(arguments)
    #expect(result.exitCode == code, "\(result.errors)")
    #expect(result.errors.contains(says) || says.isEmpty, "\(result.errors)")
    if code == 1 { expectSentence(result, says: [says]) }
  }

  @Test(arguments: [
    ("train: {epoch: 3}", "epochs"), ("train: {epochs: many}", "got \"many\""),
    ("trains: {}", "did you mean train?"), ("train: [1, 2]", "got a list"),
  ])
  func mistakesInAPipeline(text: String, says: String) throws {
    try withTemporaryFolder { folder in
      let file = folder + "/recipe.yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      let result = try BuiltProgram.train.run(["--pipeline", file, "--output", folder + "/run"])
      expectSentence(result, says: ["\(file):1: ", says])
    }
  }
}
