import Foundation
import Store
import Testing

/// A build in parts and their merge, end to end, on drawn faces.
@Suite struct PartTests {
  private static let faces: String = {
    let path = TrainFixture.folder + "/parts-drawn"
    _ = try? BuiltProgram.prep.run(["synth", "--output", path, "--count", "240", "--seed", "6"])
    return path
  }()

  private static let small = ["--size", "32", "--samples-per-shard", "64", "--threads", "1"]

  private func part(
    _ number: Int, of count: Int, _ output: String, _ options: [String] = [],
    from source: String = faces, limit: String? = nil
  ) throws -> BuiltProgram.Result {
    try BuiltProgram.prep.run(
      ["build", source, "--output", output, "--part", "\(number)/\(count)", "--json"] + Self.small
        + options, limit: limit)
  }

  private func merge(_ output: String, _ options: [String] = []) throws -> BuiltProgram.Result {
    try BuiltProgram.prep.run(["merge", "--output", output] + Self.small + options)
  }

  private func build(
    _ output: String, _ options: [String] = [], from source: String = faces
  ) throws -> BuiltProgram.Result {
    try BuiltProgram.prep.run(["build", source, "--output", output] + Self.small + options)
  }

  private func succeed(
    _ result: BuiltProgram.Result, location: SourceLocation = #_sourceLocation
  ) {
    #expect(result.exitCode == 0, "\(result.errors)", sourceLocation: location)
  }

  private func expectEqual(
    _ a: String, _ b: String, location: SourceLocation = #_sourceLocation
  ) {
    let files = contents(of: a)
    #expect(files.count > 10, sourceLocation: location)
    #expect(files == contents(of: b), sourceLocation: location)
    let rejects = [a, b].map { FileManager.default.contents(atPath: $0 + ".rejects.jsonl") }
    #expect(rejects[0] != nil && rejects[0] == rejects[1], sourceLocation: location)
  }

  private func url(_ path: String) -> URL { URL(fileURLWithPath: path) }

  /// In any order, two of them twice, one killed at any moment, one torn, one on a full disk.
  @Test func sixteenPartsGiveTheStoreOfOneBuild() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      succeed(try build(folder + "/one"))
      for number in (0..<16).shuffled() {
        let place = "\(store).parts/\(number)-of-16"
        if number == 3 {
          let killed = try BuiltProgram.prep.run(
            ["build", Self.faces, "--output", store, "--part", "3/16"] + Self.small,
            signal: SIGKILL
          ) { FileManager.default.fileExists(atPath: place + "/records") }
          #expect([0, SIGKILL].contains(killed.exitCode))
        }
        if number == 5 {
          let full = try part(5, of: 16, store, limit: "ulimit -f 4;")
          #expect(full.exitCode == 1)
          #expect(full.errors.contains("make room"), "\(full.errors)")
        }
        succeed(try part(number, of: 16, store))
        if number == 7 {
          // As a kill leaves it.
          try FileManager.default.removeItem(atPath: place + "/manifest.json")
          let chunks = try FileHandle(forUpdating: url(place + "/chunks"))
          try chunks.truncate(atOffset: try chunks.seekToEnd() / 2)
          let again = try part(7, of: 16, store)
          succeed(again)
          #expect(try again.json()["resumed_samples"]?.intValue ?? 0 > 0)
        }
      }
      for number in [2, 11] {
        let manifest = "\(store).parts/\(number)-of-16/manifest.json"
        let before = try FileManager.default.attributesOfItem(atPath: manifest)
        #expect(try part(number, of: 16, store).json()["unchanged"] == true)
        let after = try FileManager.default.attributesOfItem(atPath: manifest)
        #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
      }
      succeed(try merge(store, ["--keep-parts"]))
      expectEqual(folder + "/one", store)
      #expect(try build(store).output.contains("unchanged"))
      #expect(try merge(store, ["--keep-parts"]).output.contains("unchanged"))
      // The parts are of any seed and split.
      let other = ["--seed", "9", "--folds", "3"]
      succeed(try build(folder + "/other", other))
      #expect(try merge(store, other).errors.contains("--force"))
      succeed(try merge(store, other + ["--force"]))
      expectEqual(folder + "/other", store)
      #expect(!FileManager.default.fileExists(atPath: store + ".parts"))
      let nothing = try merge(store)
      #expect(nothing.exitCode == 1)
      #expect(nothing.errors.contains("there are no parts"))
      #expect(nothing.errors.contains("but a store at \(store), perhaps of these parts"))
    }
  }

  @Test(arguments: ["archive", "table", "folders", "split file", "first", "test split"])
  func everyKindOfBuildMerges(kind: String) throws {
    try withTemporaryFolder { folder in
      var source = Self.faces
      var options: [String] = []
      let names = try FileManager.default.contentsOfDirectory(atPath: source).sorted()
        .filter { !$0.contains(",") && !$0.contains("\"") }
      func table(_ header: String, _ row: (Int, String) -> String) throws -> String {
        let lines = [header] + names.enumerated().map(row)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url(folder + "/table.csv"))
        return folder + "/table.csv"
      }
      switch kind {
      case "archive":
        let tar = Process()
        tar.executableURL = url("/usr/bin/env")
        tar.arguments = ["tar", "-cf", folder + "/faces.tar", "-C", source + "/..", "parts-drawn"]
        try tar.run()
        tar.waitUntilExit()
        source = folder + "/faces.tar"
      case "table":
        // Rows without files, and files without rows.
        let path = try table("path,mood,height\nnowhere.jpg,glad,1.5") { index, name in
          index % 7 == 0
            ? "gone-\(index).jpg,sad," : "\(name),\(index % 3 == 0 ? "sad" : "glad"),\(index)"
        }
        options = ["--labels", path]
      case "folders":
        source = folder + "/sorted"
        for (index, name) in names.enumerated() where name.hasSuffix(".jpg") {
          let place = "\(source)/class \(index % 3)"
          try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
          try FileManager.default.copyItem(
            atPath: "\(Self.faces)/\(name)", toPath: "\(place)/\(name)")
        }
        options = ["--labels-from", "folders"]
      case "split file":
        let path = try table("path,split") { "\($1),\($0 % 4 == 0 ? "validation" : "train")" }
        options = ["--split-file", path]
      case "first": options = ["--duplicates", "first", "--codec", "portable"]
      default: options = ["--split", "train=0.7,validation=0.2,test=0.1"]
      }
      succeed(try build(folder + "/one", options, from: source))
      for number in [2, 0, 3, 1] {
        succeed(try part(number, of: 4, folder + "/store", options, from: source))
      }
      succeed(try merge(folder + "/store", options))
      expectEqual(folder + "/one", folder + "/store")
      #expect(try build(folder + "/store", options, from: source).output.contains("unchanged"))
    }
  }

  /// Shards that were written beforehand, all or some, damaged or of another plan: the same store.
  @Test(arguments: ["all", "some", "damaged", "another seed", "cut manifest"])
  func shardsAreWrittenByMany(kind: String) throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      succeed(try build(folder + "/one"))
      for number in 0..<2 { succeed(try part(number, of: 2, store)) }
      func write(_ number: Int) throws -> JSONValue {
        let options = kind == "another seed" ? ["--seed", "9"] : []
        return try merge(store, ["--part", "\(number)/3", "--json"] + options).json()
      }
      for number in (0..<3).shuffled() where kind != "some" || number == 1 {
        let summary = try write(number)
        let all = try #require(summary["all_shards"]?.intValue)
        #expect(all >= 4 && summary["shards"]?.intValue == (all - number + 2) / 3)
        // A second time is no harm.
        if number == 1 { #expect(try write(number)["shards"] == summary["shards"]) }
      }
      // What a killed process leaves.
      let killed = store + ".parts/merge-2-of-3.partial"
      try FileManager.default.createDirectory(
        atPath: killed + "/train/image/c/0", withIntermediateDirectories: true)
      try Data().write(to: url(killed + "/.hydranet.lock"))
      let place = store + ".parts/merge-1-of-3"
      let inode =
        try FileManager.default.attributesOfItem(
          atPath: place + "/train/image/c/1/0/0/0")[.systemFileNumber] as? Int
      #expect(!FileManager.default.fileExists(atPath: store))
      switch kind {
      case "damaged":
        let path = url(place + "/train/image/c/1/0/0/0")
        var bytes = try Data(contentsOf: path)
        bytes[700] ^= 1
        try bytes.write(to: path)
      case "cut manifest":
        try Data("{\"plan\"".utf8).write(to: url(place + "/shards.json"))
      default: break
      }
      succeed(try merge(store))
      expectEqual(folder + "/one", store)
      let moved =
        try FileManager.default.attributesOfItem(
          atPath: store + "/train/image/c/1/0/0/0")[.systemFileNumber] as? Int
      #expect((inode == moved) == ["all", "some"].contains(kind))
      #expect(!FileManager.default.fileExists(atPath: store + ".parts"))
      #expect(!FileManager.default.fileExists(atPath: store + ".partial"))
    }
  }

  @Test func shardsNeedAllParts() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      succeed(try part(0, of: 2, store))
      let before = contents(of: folder)
      let result = try merge(store, ["--part", "0/2"])
      #expect(result.exitCode == 1 && result.output == "1\n", "\(result.errors)")
      #expect(contents(of: folder) == before)
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      for number in [1, 2, 6] { succeed(try part(number, of: 7, store)) }
      try FileManager.default.removeItem(atPath: store + ".parts/6-of-7/manifest.json")
      let result = try merge(store)
      #expect(result.exitCode == 1)
      #expect(result.output == "0,3-6\n")
      #expect(
        result.errors.contains("2 of 7 parts finished") && result.errors.contains("--array=0,3-6"))
      #expect(!FileManager.default.fileExists(atPath: store))
      succeed(try part(0, of: 2, store))
      #expect(try merge(store).errors.contains("parts of 2 and of 7"))
      for text in ["2/2", "-1/2", "1", "0/0", "01/2", "0/10001", "a/b"] {
        let refused = try BuiltProgram.prep.run(
          ["build", Self.faces, "--output", store, "--part=\(text)"])
        #expect(refused.exitCode == 64, "\(text)")
      }
    }
  }

  /// A disk that was full at the first bytes of a part.
  @Test(arguments: [0, 5, 20])
  func aTornPartGoesOn(count: Int) throws {
    try withTemporaryFolder { folder in
      let place = folder + "/store.parts/0-of-1"
      succeed(try part(0, of: 1, folder + "/store"))
      let records = try Data(contentsOf: url(place + "/records")).prefix(count)
      try records.write(to: url(place + "/records"))
      try FileManager.default.removeItem(atPath: place + "/manifest.json")
      succeed(try part(0, of: 1, folder + "/store"))
      succeed(try merge(folder + "/store"))
    }
  }

  /// A user's files that are called as a part's are: nothing of them is touched.
  @Test(arguments: ["records", "chunks", "manifest.json"])
  func filesThatAreNoPartsAreKept(name: String) throws {
    try withTemporaryFolder { folder in
      let place = folder + "/store.parts/0-of-2"
      try FileManager.default.createDirectory(
        atPath: place, withIntermediateDirectories: true)
      try Data("my notes\n".utf8).write(to: url("\(place)/\(name)"))
      let before = contents(of: folder)
      let result = try part(0, of: 2, folder + "/store")
      #expect(result.exitCode == 1)
      #expect(result.errors.contains("\(place)/\(name): is not of a part"), "\(result.errors)")
      #expect(contents(of: folder) == before)
    }
  }

  @Test(arguments: [
    "foreign", "manifest", "records", "chunks", "size", "labels", "source", "strict",
  ])
  func whatDoesNotBelongTogetherIsRefused(kind: String) throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      let place = store + ".parts/1-of-2"
      succeed(try part(0, of: 2, store))
      var options: [String] = []
      var source = Self.faces
      var sentence = "build this part again"
      switch kind {
      case "size": (options, sentence) = (["--size", "64"], "size 64 instead of 32")
      case "strict": (options, sentence) = (["--strict"], "strict true instead of false")
      case "labels":
        let fixes = folder + "/fixes.csv"
        try Data("path,age\nnobody.jpg,5\n".utf8).write(to: url(fixes))
        (options, sentence) = (["--fix-labels", fixes], "other labels")
      case "source":
        source = folder + "/faces"
        try FileManager.default.copyItem(atPath: Self.faces, toPath: source)
        try Data([1]).write(to: url(source + "/1_0_0_20170101.jpg"))
        sentence = "the source changed"
      default: break
      }
      succeed(try part(1, of: 2, store, options, from: source))
      func damage(_ name: String) throws {
        var bytes = try Data(contentsOf: url("\(place)/\(name)"))
        bytes[name == "manifest.json" ? bytes.count - 10 : bytes.count / 2] ^= 1
        try bytes.write(to: url("\(place)/\(name)"))
      }
      switch kind {
      case "foreign":
        try FileManager.default.removeItem(atPath: place + "/manifest.json")
        try FileManager.default.copyItem(
          atPath: store + ".parts/0-of-2/manifest.json", toPath: place + "/manifest.json")
      case "manifest", "records", "chunks": try damage(kind == "manifest" ? "manifest.json" : kind)
      default: break
      }
      let result = try merge(store)
      #expect(result.exitCode == 1)
      #expect(result.errors.contains(sentence), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(!FileManager.default.fileExists(atPath: store))
    }
  }

  /// What changed or went away after a part had gathered it is in no store.
  @Test func deadRecordsAreLeftOut() throws {
    try withTemporaryFolder { folder in
      let (source, store) = (folder + "/faces", folder + "/store")
      try FileManager.default.copyItem(atPath: Self.faces, toPath: source)
      let names = try FileManager.default.contentsOfDirectory(atPath: source).sorted()
        .filter { $0.hasSuffix(".jpg") }
      for number in 0..<3 { succeed(try part(number, of: 3, store, from: source)) }
      for name in names[0..<20] { try FileManager.default.removeItem(atPath: "\(source)/\(name)") }
      for (a, b) in zip(names[20..<40], names[40..<60]) {
        let bytes = try Data(contentsOf: url("\(source)/\(a)"))
        try bytes.write(to: url("\(source)/\(b)"))
      }
      for name in names[60..<80] {
        try FileManager.default.moveItem(
          atPath: "\(source)/\(name)", toPath: "\(source)/9\(name)")
      }
      #expect(try part(1, of: 3, store, from: source).json()["unchanged"] == false)
      let half = try merge(store)
      #expect(half.errors.contains("the source changed"), "\(half.errors)")
      for number in 0..<3 { succeed(try part(number, of: 3, store, from: source)) }
      succeed(try build(folder + "/one", from: source))
      succeed(try merge(store))
      expectEqual(folder + "/one", store)
    }
  }
}
