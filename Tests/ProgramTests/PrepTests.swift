import Foundation
import Store
import Testing

/// `utk-prep`, end to end, on drawn faces.
@Suite struct PrepTests {
  /// Draws a data set once for all tests.
  private static let faces: String = {
    let path = TrainFixture.folder + "/drawn"
    _ = try? BuiltProgram.prep.run(["synth", "--output", path, "--count", "300", "--seed", "5"])
    return path
  }()

  @Test func buildStatsVerifySample() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      let build = try BuiltProgram.prep.run([
        "build", Self.faces, "--output", store, "--size", "16", "--samples-per-shard", "64",
        "--json",
      ])
      #expect(build.exitCode == 0, "\(build.errors)")
      #expect(build.errors.isEmpty)
      let summary = try build.json()
      let found = try #require(summary["found"]?.intValue)
      let accepted = try #require(summary["accepted"]?.intValue)
      #expect(found >= 300)
      #expect(accepted + (summary["rejected_total"]?.intValue ?? 0) == found)
      #expect(summary["raw_bytes"]?.intValue == accepted * 3 * 16 * 16)
      for key in ["seconds", "images_per_second", "store_bytes"] {
        #expect((summary[key]?.doubleValue ?? 0) > 0)
      }
      // Every reject is listed, with its reason.
      let rejects = try String(contentsOfFile: store + ".rejects.jsonl", encoding: .utf8)
        .split(separator: "\n")
      #expect(rejects.count == summary["rejected_total"]?.intValue)
      #expect(rejects.contains { $0.contains("\"reason\":\"field_count\"") })
      #expect(rejects.contains { $0.contains("\"reason\":\"truncated\"") })

      let again = try BuiltProgram.prep.run([
        "build", Self.faces, "--output", store, "--size", "16", "--samples-per-shard", "64",
        "--json",
      ])
      #expect(try again.json()["unchanged"] == true)

      let stats = try BuiltProgram.prep.run(["stats", store, "--json"])
      let splits = try stats.json()["splits"]
      let counts = ["train", "validation"].map { splits?[$0]?["count"]?.intValue ?? 0 }
      #expect(counts.reduce(0, +) == accepted)
      #expect(try BuiltProgram.prep.run(["stats", store]).output.contains("gender × race, train"))

      let verify = try BuiltProgram.prep.run(["verify", store, "--pixels", Self.faces])
      #expect(verify.exitCode == 0)
      #expect(verify.output.contains("all equal"))

      let sheet = folder + "/grid.png"
      #expect(try BuiltProgram.prep.run(["sample", store, "--output", sheet]).exitCode == 0)
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: sheet)).prefix(4) == Data([137, 80, 78, 71]))
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    try withTemporaryFolder { folder in
      for threads in ["1", "3"] {
        let result = try BuiltProgram.prep.run([
          "build", Self.faces, "--output", folder + "/" + threads, "--samples-per-shard", "50",
          "--threads", threads,
        ])
        #expect(result.exitCode == 0)
      }
      #expect(contents(of: folder + "/1") == contents(of: folder + "/3"))
    }
  }

  /// Killed at several moments, the next run ends with the bytes of an undisturbed one.
  @Test(arguments: [SIGKILL, SIGINT]) func aKilledBuildGoesOn(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let options = ["--size", "64", "--samples-per-shard", "16"]
      let whole = try BuiltProgram.prep.run(
        ["build", Self.faces, "--output", folder + "/whole"] + options)
      #expect(whole.exitCode == 0)
      for delay in [30, 60, 90] {
        let store = "\(folder)/killed-\(delay)"
        let code = try BuiltProgram.prep.interrupt(
          ["build", Self.faces, "--output", store, "--threads", "1"] + options,
          after: .milliseconds(delay), signal: signal)
        let isVisible = FileManager.default.fileExists(atPath: store)
        #expect(isVisible == (code == 0), "exit \(code)")
        let rerun = try BuiltProgram.prep.run(
          ["build", Self.faces, "--output", store] + options)
        #expect(rerun.exitCode == 0, "\(rerun.errors)")
        #expect(contents(of: store) == contents(of: folder + "/whole"))
        #expect(!FileManager.default.fileExists(atPath: store + ".partial"))
        #expect(!FileManager.default.fileExists(atPath: store + ".journal"))
      }
    }
  }

  @Test func aFullDiskIsOneSentence() throws {
    try withTemporaryFolder { folder in
      let result = try BuiltProgram.prep.run(
        ["build", Self.faces, "--output", folder + "/store"], limit: "ulimit -f 8;")
      #expect(result.exitCode == 1)
      #expect(result.errors.contains("make room and run the same command again"))
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(!FileManager.default.fileExists(atPath: folder + "/store"))
    }
  }

  @Test func forceReplacesAndNothingElseDoes() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      #expect(try BuiltProgram.prep.run(["build", Self.faces, "--output", store]).exitCode == 0)
      let before = contents(of: store)
      let refused = try BuiltProgram.prep.run([
        "build", Self.faces, "--output", store, "--size", "16",
      ])
      #expect(refused.exitCode == 1)
      #expect(refused.errors.contains("--force"))
      #expect(contents(of: store) == before)
      let forced = try BuiltProgram.prep.run([
        "build", Self.faces, "--output", store, "--size", "16", "--force",
      ])
      #expect(forced.exitCode == 0)
      #expect(try StoreReader(path: store).layout.size == 16)
    }
  }

  @Test func damageIsExitCodeTwo() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      #expect(try BuiltProgram.prep.run(["build", Self.faces, "--output", store]).exitCode == 0)
      let shard = store + "/train/image/c/0/0/0/0"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
      bytes[100] ^= 1
      try bytes.write(to: URL(fileURLWithPath: shard))
      let verify = try BuiltProgram.prep.run(["verify", store, "--json"])
      #expect(verify.exitCode == 2)
      let problems = try verify.json()["problems"]?.arrayValue ?? []
      #expect(problems.contains { $0["file"] == "train/image/c/0/0/0/0" && $0["sample"] == 0 })
    }
  }

  @Test(arguments: [
    (["build"], Int32(1), "no source folder"),
    (["build", "/nowhere", "--output", "/nowhere/store"], 1, "cannot read folder /nowhere"),
    (["build", "--size", "7", "/nowhere", "--output", "/nowhere/store"], 1, "size"),
    (
      ["build", "--codec", "zip", "/nowhere", "--output", "/nowhere/store"], 64,
      "predictive, portable"
    ),
    (["stats", "/nowhere"], 1, "cannot read folder /nowhere"),
    (["verify", "/nowhere"], 1, "/nowhere: does not exist"),
    (["paint"], 64, "\"paint\" is not a command"),
  ])
  func mistakesAreOneSentence(arguments: [String], code: Int32, says: String) throws {
    let process = try BuiltProgram.prep.run(arguments)
    #expect(process.exitCode == code)
    #expect(process.errors.contains(says), "\(process.errors)")
  }
}
