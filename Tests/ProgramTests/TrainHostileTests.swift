import Checksums
import Files
import Foundation
import Store
import Testing

/// Files made to break `hydra-train`: each is refused in one sentence that cannot steer a terminal.
@Suite(.serialized) struct TrainHostileTests {
  private func expectSentence(
    _ result: BuiltProgram.Result, says: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.exitCode == 1, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(
      result.errorLines.count == 1 && result.errors.hasPrefix("hydra-train: "),
      "\(result.errors)", sourceLocation: sourceLocation)
    #expect(!result.errors.contains("\u{1B}"), sourceLocation: sourceLocation)
    for text in says {
      #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: sourceLocation)
    }
  }

  // MARK: weight files

  /// A safetensors file in parts, to be put together wrongly.
  private struct Parts {
    var header: String
    var data: Data

    init(_ path: String) throws {
      let file = try Data(contentsOf: URL(fileURLWithPath: path))
      let count = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      header = String(decoding: file[8..<8 + count], as: UTF8.self)
      data = Data(file[(8 + count)...])
    }

    func write(to path: String, claiming claimed: UInt64? = nil) throws {
      let count = claimed ?? UInt64(header.utf8.count)
      let length = Data((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
      try (length + Data(header.utf8) + data).write(to: URL(fileURLWithPath: path))
    }
  }

  @Test(arguments: [
    (
      #""shape":[64,3,7,7]"#, #""shape":[64,3,49]"#, "has shape [64, 3, 49], expected [64, 3, 7, 7]"
    ),
    (#""shape":[64,3,7,7]"#, #""shape":[4294967296,4294967296,64]"#, "does not fit into 64 bits"),
    (#""shape":[64,3,7,7]"#, #""shape":[64,3,7,-7]"#, "expected a non-negative integer"),
    (#""dtype":"F32","shape":[64,3,7,7]"#, #""dtype":"F64","shape":[64,3,7,7]"#, "needs 75264"),
    (
      #""dtype":"F32","shape":[64,3,7,7]"#, #""dtype":"I32","shape":[64,3,7,7]"#, "net.conv1.weight"
    ),
    (#""dtype":"F32","shape":[64,3,7,7]"#, #""dtype":"\u001b[2J","shape":[64,3,7,7]"#, "has dtype"),
    (
      #""hydranet.image_size":"32""#, #""hydranet.image_size":"-1""#,
      "a size from 32 to 1024, got -1"
    ),
    (#""hydranet.image_size":"32""#, #""hydranet.image_size":"\u001b[2J""#, "hydranet.image_size"),
    (#""hydranet.config":"train:"#, #""hydranet.config":"train: ["#, "hydranet.config:"),
    ("depth: 18", "depth: 34", "the weights lack tensor net.layer1.2.conv1.weight"),
    ("classes: 5", "classes: 7", "net.fc3.final."),
  ])
  func aWeightFileThatLies(old: String, new: String, says: String) throws {
    try withTemporaryFolder { folder in
      let file = folder + "/weights.safetensors"
      var parts = try Parts(TrainFixture.weights)
      // The order of members in an entry is the writer's; the test depends on it.
      try #require(parts.header.contains(old))
      parts.header.replace(old, with: new, maxReplacements: 1)
      try parts.write(to: file)
      for arguments in [
        ["evaluate", "--shards", TrainFixture.store, "--weights", file],
        ["predict", "--weights", file, TrainFixture.faces],
      ] {
        expectSentence(try BuiltProgram.train.run(arguments), says: [file, says])
      }
    }
  }

  @Test func aWeightFileOfTheWrongLength() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/weights.safetensors"
      let parts = try Parts(TrainFixture.weights)
      for claimed in [UInt64(1) << 63 - 1, 1 << 40, .max, 0, 7] {
        try parts.write(to: file, claiming: claimed)
        expectSentence(try BuiltProgram.train.run(["inspect", file]), says: [file, "header"])
      }
      let whole = try Data(contentsOf: URL(fileURLWithPath: TrainFixture.weights))
      for count in [0, 4, 8, 1000, whole.count - 1] {
        try whole.prefix(count).write(to: URL(fileURLWithPath: file))
        expectSentence(try BuiltProgram.train.run(["inspect", file]), says: [file])
      }
    }
  }

  @Test func namesFromAFileCannotSteerTheTerminal() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/weights.safetensors"
      var parts = try Parts(TrainFixture.weights)
      try #require(parts.header.contains(#"\"female\""#))
      for name in ["male", "female"] {
        parts.header.replace(#"\"\#(name)\""#, with: #"\"\\u001b[2J\\n\""#)
      }
      try parts.write(to: file)
      let face = try #require(contents(of: TrainFixture.faces).keys.sorted().first { $0 > "1" })
      for arguments in [
        ["predict", "--weights", file, TrainFixture.faces + "/" + face], ["inspect", file],
      ] {
        let result = try BuiltProgram.train.run(arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(!result.output.contains("\u{1B}") && result.output.contains(#"\u{1b}[2J"#))
      }
    }
  }

  // MARK: stores

  /// Edits of a store's metadata that carry a right digest, as an attacker's would.
  @Test(arguments: [
    (#""size" : 32"#, #""size" : 2147483648"#, "not in 8...1024"),
    (#""size" : 32"#, #""size" : -32"#, "not in 8...1024"),
    (#""size" : 32"#, #""size" : 32.5"#, "names no layout"),
    (#""samples_per_shard" : 32"#, #""samples_per_shard" : 1125899906842624"#, "not in 1...65536"),
    (#""codec" : "predictive""#, #""codec" : "portable""#, "does not describe the arrays"),
    (#""data_type" : "uint8""#, #""data_type" : "float64""#, "does not describe the arrays"),
    (#""path" : "train/"#, #""path" : "../../"#, "lists a file that cannot be read"),
    (#""name" : "train""#, #""name" : "../x""#, "describes a split that cannot be read"),
    (#""samples" : "#, #""samples" : -"#, "describes a split that cannot be read"),
    (#""samples" : "#, #""samples" : 9000000000"#, "describes"),
  ])
  func aStoreThatLies(old: String, new: String, says: String) throws {
    try withTemporaryFolder { folder in
      let store = try TrainFixture.copyStore(to: folder)
      let path = store + "/zarr.json"
      var text = try String(contentsOfFile: path, encoding: .utf8)
      // Before it stands what the builder says of the data, where the same words may be.
      let own = try #require(text.range(of: "\"hydranet\" : {")).upperBound
      let place = try #require(text.range(of: old, range: own..<text.endIndex))
      text.replaceSubrange(place, with: new)
      let digest = try #require(text.firstMatch(of: /"metadata_sha256" : "([0-9a-f]{64})"/)).1
      let blank = text.replacing(digest, with: String(repeating: "0", count: 64))
      let sum = Array(blank.utf8).withUnsafeBytes { SHA256Digest.hex(of: $0) }
      try blank.replacing(String(repeating: "0", count: 64), with: sum)
        .write(toFile: path, atomically: true, encoding: .utf8)
      let result = try BuiltProgram.train.run([
        "--shards", store, "--output", folder + "/run", "--batch-size", "16",
      ])
      expectSentence(result, says: [path, says, "build the store again"])
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }

  // MARK: runs

  @Test(arguments: [
    ("config.yaml", "train: [", "config.yaml:"),
    ("config.yaml", "train: {shards: &a x, output: *a}", "anchor or alias"),
    ("config.yaml", "train: " + String(repeating: "[", count: 50_000), "expected valid YAML"),
    ("config.yaml", "train: {epochs: 99999999999999999999}", "expected a whole number"),
    ("metrics.jsonl", "{\"epoch\":99999999999999999999}\n", "metrics.jsonl:1: expected the record"),
    ("metrics.jsonl", String(repeating: "[", count: 100_000) + "\n", "metrics.jsonl:1: "),
    ("checkpoint.safetensors", "", "checkpoint.safetensors: is empty"),
  ])
  func aRunFolderThatLies(name: String, text: String, says: String) throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let whole = TrainFixture.undisturbed.run
      let manager = FileManager.default
      try manager.createDirectory(atPath: run, withIntermediateDirectories: true)
      // Links, as the files are large; a run replaces its files and never writes into them.
      let names = try regularFiles(below: whole)
      for other in names where other != name {
        try manager.linkItem(atPath: "\(whole)/\(other)", toPath: "\(run)/\(other)")
      }
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(run)/\(name)"))
      expectSentence(try BuiltProgram.train.run(["--resume", run]), says: [says])
      #expect(try regularFiles(below: run) == names)
      #expect(manager.contents(atPath: "\(run)/\(name)") == Data(text.utf8))
    }
  }

  // MARK: images

  @Test func filesThatAreNoImages() throws {
    try withTemporaryFolder { folder in
      let faces = contents(of: TrainFixture.faces).filter { $0.key.hasSuffix(".chip.jpg") }
      let face = try #require(faces.sorted { $0.key < $1.key }.first?.value)
      let manager = FileManager.default
      let files: [String: Data] = [
        "a.jpg": face, "cut.jpg": face.prefix(500), "empty.png": Data(),
        "b\n\u{1B}[2J.jpg": Data([1]),
      ]
      for (name, data) in files {
        try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      #expect(mkfifo(folder + "/pipe.jpg", 0o600) == 0)
      try manager.createDirectory(
        atPath: folder + "/folder.jpg", withIntermediateDirectories: true)
      for (name, target) in [("zero.jpg", "/dev/zero"), ("gone.jpg", "nowhere")] {
        try manager.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
      }
      #expect(manager.createFile(atPath: folder + "/sparse.jpg", contents: nil))
      #expect(truncate(folder + "/sparse.jpg", 40 << 30) == 0)
      let result = try BuiltProgram.train.run([
        "predict", "--weights", TrainFixture.weights, folder,
      ])
      #expect(result.exitCode == 1 && result.output.hasPrefix(folder + "/a.jpg  age "))
      #expect(result.output.split(separator: "\n").count == 1)
      #expect(result.errorLines.count == 6 && !result.errors.contains("\u{1B}"), "\(result.errors)")
      #expect(result.errorLines.first == "hydra-train: skipped: 2 pipe or device")
      #expect(result.errorLines.dropFirst().allSatisfy { $0.hasPrefix("hydra-train: \(folder)/") })
      // Named, neither of them is waited for.
      for name in ["pipe.jpg", "zero.jpg"] {
        let result = try BuiltProgram.train.run([
          "predict", "--weights", TrainFixture.weights, "\(folder)/\(name)",
        ])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("\(name) cannot be read: it is not a regular file"))
      }
    }
  }
}
