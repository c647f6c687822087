import Foundation
import Store
import Testing

/// What `hydra-train` does with trained weights, and its measurements.
@Suite(.serialized) struct TrainUseTests {
  private var weights: String { TrainFixture.weights }
  private var store: String { TrainFixture.store }

  @Test func evaluateIsWhatTheRunLogged() throws {
    let arguments = ["evaluate", "--shards", store, "--weights", weights]
    let json = try BuiltProgram.train.run(arguments + ["--json"])
    #expect(json.exitCode == 0 && json.errors.isEmpty, "\(json.errors)")
    let report = try json.json()
    let best = try #require(try TrainFixture.undisturbed.result?.json()["best"]?["validation"])
    #expect(report["figures"] == best)
    #expect((report["samples"]?.intValue ?? 0) > 10)
    let table = try BuiltProgram.train.run(arguments + ["--split", "train"])
    #expect(table.exitCode == 0 && table.output.contains("gender × race"))
  }

  @Test func predictFilesAndFolders() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: TrainFixture.faces)
      .filter { $0.hasSuffix(".chip.jpg") }.sorted()
    let face = TrainFixture.faces + "/" + files[0]
    let line = try BuiltProgram.train.run(["predict", "--weights", weights, face])
    #expect(line.exitCode == 0 && line.errors.isEmpty, "\(line.errors)")
    #expect(line.output.hasPrefix(face + "  age "))
    #expect(line.output.contains("  gender male ") || line.output.contains("  gender female "))

    try withTemporaryFolder { folder in
      for name in files.prefix(3) {
        try FileManager.default.copyItem(
          atPath: "\(TrainFixture.faces)/\(name)", toPath: "\(folder)/\(name)")
      }
      try Data("no image".utf8).write(to: URL(fileURLWithPath: folder + "/broken.jpg"))
      let all = try BuiltProgram.train.run(
        ["predict", "--weights", weights, "--json", "--batch-size", "2", folder])
      #expect(all.exitCode == 1)
      #expect(all.errorLines.count == 1 && all.errors.contains("broken.jpg is not an image"))
      let lines = all.output.split(separator: "\n")
      #expect(lines.count == 3)
      for (line, name) in zip(lines, files) {
        let object = try Array(line.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
        #expect(object["file"]?.stringValue == "\(folder)/\(name)")
        #expect(object["age"]?.doubleValue != nil)
        #expect(object["race"]?["probabilities"]?.arrayValue?.count == 5)
        let index = try #require(object["gender"]?["class"]?.intValue)
        #expect(object["gender"]?["name"]?.stringValue == ["male", "female"][index])
      }
    }
  }

  @Test func exportAndInspect() throws {
    try withTemporaryFolder { folder in
      for format in ["onnx", "safetensors", "pytorch-names"] {
        let result = try BuiltProgram.train.run([
          "export", "--weights", weights, "--format", format, "--output", "\(folder)/\(format)",
        ])
        #expect(result.exitCode == 0 && result.output.hasPrefix("\(folder)/\(format): "))
      }
      let graph = try Data(contentsOf: URL(fileURLWithPath: folder + "/onnx"))
      #expect(graph.count > 40_000_000)
      for name in ["net.conv1", "hydranet.store", "content_sha256", "hydranet.recipe_sha256"] {
        #expect(graph.range(of: Data(name.utf8)) != nil, "\(name)")
      }
      // All that `predict` needs is still there, to the byte; or nothing of it.
      #expect(
        FileManager.default.contentsEqual(atPath: folder + "/safetensors", andPath: weights))
      for (path, isDescribed) in [(weights, true), (folder + "/pytorch-names", false)] {
        let result = try BuiltProgram.train.run(["inspect", path, "--json"])
        let about = try result.json()
        #expect(about["format"] == "safetensors" && about["tensors"]?.arrayValue?.count == 132)
        #expect((about["metadata"]?["hydranet.config"] != nil) == isDescribed)
      }
      // Weights that do not name their tasks are measured as a run without a recipe measures them.
      let measured = try [weights, folder + "/pytorch-names"].map { path in
        try BuiltProgram.train.run([
          "evaluate", "--shards", store, "--weights", path, "--batch-size", "16", "--json",
        ])
        .json()["figures"]
      }
      #expect(measured[0] != nil && measured[0] == measured[1])
    }
    let text = try BuiltProgram.train.run(["inspect", weights]).output
    #expect(text.contains("net.conv1.weight") && text.contains("64×3×7×7"))
  }

  @Test func compareRuns() throws {
    try withTemporaryFolder { folder in
      let page = folder + "/compare.html"
      let run = TrainFixture.undisturbed.run
      let result = try BuiltProgram.train.run(["compare", run, run, "--output", page])
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
      #expect(result.output.contains("age MAE"))
      #expect(try String(contentsOfFile: page, encoding: .utf8).hasSuffix("</html>\n"))
    }
  }

  @Test func benchHasTheAgreedKeys() throws {
    let result = try BuiltProgram.train.run([
      "bench", "--shards", store, "--batch-size", "16", "--seconds", "0.1", "--json",
    ])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let figures = try result.json()
    let keys = [
      ("loader", "samples_per_second"), ("step", "images_per_second"), ("step", "gflops"),
      ("step", "direct_gflops"),
      ("epoch", "images_per_second"),
    ]
    for (part, key) in keys {
      #expect((figures[part]?[key]?.doubleValue ?? 0) > 0, "\(part).\(key)")
    }
    #expect(figures["epoch"]?["data_wait"]?.doubleValue != nil)
    let loader = try BuiltProgram.train.run([
      "bench", "--shards", store, "--batch-size", "16", "--seconds", "0.05", "--loader-only",
    ])
    #expect(loader.output.contains("samples/s") && !loader.output.contains("GFLOP"))
  }

  @Test func aStepIsMeasuredWithoutAStore() throws {
    let result = try BuiltProgram.train.run([
      "bench", "--step-only", "--size", "40", "--batch-size", "4", "--seconds", "0.05", "--json",
    ])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let figures = try result.json()
    #expect(figures["image_size"]?.doubleValue == 40)
    #expect((figures["step"]?["images_per_second"]?.doubleValue ?? 0) > 0)

    let sized = try BuiltProgram.train.run(["bench", "--size", "40", "--shards", store])
    #expect(sized.exitCode != 0 && sized.errors.contains("--size goes with --step-only, --layers"))
    let nameless = try BuiltProgram.train.run(["bench", "--step-only"])
    #expect(nameless.exitCode != 0 && nameless.errors.contains("give --shards DIR"))
  }

  @Test func everyLayerIsMeasured() throws {
    let result = try BuiltProgram.train.run([
      "bench", "--layers", "--size", "32", "--batch-size", "2", "--seconds", "0.01", "--json",
    ])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let table = try #require(try result.json()["layers"])
    for key in ["gemm_peak_gflops", "memory_bandwidth_gbytes", "step_milliseconds"] {
      #expect((table[key]?.doubleValue ?? 0) > 0, "\(key)")
    }
    var passes: [String: Set<String>] = [:]
    for row in table["rows"]?.arrayValue ?? [] {
      let layer = try #require(row["layer"]?.stringValue)
      passes[layer, default: []].insert(try #require(row["pass"]?.stringValue))
      #expect((row["milliseconds"]?.doubleValue ?? 0) > 0, "\(layer)")
      #expect((row["share_of_bandwidth"]?.doubleValue ?? 0) > 0, "\(layer)")
      let bound = try #require(row["bound"]?.stringValue)
      #expect(["products", "memory"].contains(bound), "\(layer)")
    }
    var convolutions = ["net.conv1", "net.fc1.linear", "net.fc2.linear", "net.fc3.linear"]
    for layer in 1...4 {
      for block in 0...1 {
        convolutions += [1, 2].map { "net.layer\(layer).\(block).conv\($0)" }
        for norm in [1, 2] {
          #expect(passes["net.layer\(layer).\(block).bn\(norm)"]?.contains("normalization") == true)
        }
      }
      if layer > 1 { convolutions.append("net.layer\(layer).0.downsample.0") }
    }
    for name in convolutions {
      let found = passes[name] ?? []
      #expect(
        found.isSuperset(of: ["forward", "weight gradient", "optimizer"]), "\(name) \(found)")
    }
    #expect(passes["net.maxpool"]?.contains("pooling backward") == true)
    #expect(passes["net.fc1.final+fc2.final+fc3.final"]?.contains("forward") == true)
  }

  @Test func threadsArePlanned() throws {
    let result = try BuiltProgram.train.run([
      "bench", "--threads-plan", "3,16", "--size", "32", "--batch-size", "4", "--threads", "2",
      "--bandwidth", "50", "--seconds", "0.01", "--json",
    ])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let plan = try #require(try result.json()["threads_plan"])
    let rows = plan["predictions"]?.arrayValue ?? []
    #expect(rows.map { $0["threads"]?.doubleValue } == [1, 2, 3, 16])
    #expect(rows.map { $0["measured_milliseconds"] != nil } == [true, true, false, false])
    for row in rows {
      #expect((row["efficiency"]?.doubleValue ?? 2) <= 1.0001)
      #expect((row["bandwidth_gbytes"]?.doubleValue ?? 51) <= 50)
    }
    let regions = plan["regions"]?.arrayValue ?? []
    #expect(regions.count > 50)
    #expect(regions.allSatisfy { $0["lost"]?.arrayValue?.count == rows.count })
  }

  @Test(arguments: [
    (["--threads-plan", "4,x"], "4,x"), (["--threads-plan", "0"], "0"),
    (["--layers", "--threads-plan", "4"], "exclude each other"),
    (["--layers", "--bandwidth", "50"], "--bandwidth goes with --threads-plan"),
    (["--threads-plan", "4", "--bandwidth", "0"], "--bandwidth must be above 0"),
  ])
  func mistakesInMeasuringSteps(arguments: [String], says: String) throws {
    let result = try BuiltProgram.train.run(["bench", "--size", "32"] + arguments)
    #expect(result.exitCode == 64 && result.errors.contains(says), "\(result.errors)")
  }
}
