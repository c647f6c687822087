import Foundation
import Store
import Testing

/// `utk-prep audit` on drawn photographs with planted faults, and what becomes of its findings.
@Suite struct AuditTests {
  private func prep(_ arguments: [String]) throws -> BuiltProgram.Result {
    try BuiltProgram.prep.run(arguments)
  }

  private func findings(_ output: String) throws -> [JSONValue] {
    try output.split(separator: "\n").map { line in
      try Array(line.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
    }
  }

  private func words(_ findings: [JSONValue]) -> [String] {
    findings.map {
      "\($0["kind"]?.stringValue ?? "") \($0["path"]?.stringValue ?? $0["note"]?.stringValue ?? "")"
    }
  }

  private func names(_ store: String) throws -> Set<String> {
    Set(try StoreReader(path: store).splits.flatMap { try $0.names() })
  }

  @Test func plantedFaultsAreFoundAndActedOn() throws {
    try withTemporaryFolder { folder in
      let fixture = try AuditFixture(in: folder)
      let store = folder + "/store"
      let built = try prep(fixture.build + ["--output", store])
      #expect(built.exitCode == 0, "\(built.errors)")

      let audit = try prep(["audit", store, "--json"])
      #expect(audit.exitCode == 0 && audit.errors.isEmpty, "\(audit.errors)")
      let found = try findings(audit.output)
      #expect(Set(words(found)).symmetricDifference(AuditFixture.planted) == [])
      #expect(found.count == AuditFixture.planted.count)
      #expect(try prep(["audit", store, "--json"]).output == audit.output)
      let leak = found.first { $0["kind"] == "leak" }
      #expect(
        leak?["split"] == "validation" && leak?["other_split"] == "train"
          && leak?["other_path"] == "1.png" && leak?["score"] == 1)
      let conflict = found.first { $0["path"] == "twin.jpg" }
      let score = conflict?["score"]?.doubleValue ?? 0
      #expect(conflict?["other_path"] == "0.png" && score > 0.98 && score <= 1)

      let table = try prep(["audit", store]).output
      #expect(table.hasPrefix("\(store): 70 samples, 18 findings\n"))
      #expect(table.contains("copy.png\n    = train"))
      let widths = table.components(separatedBy: "\n").dropFirst().map(\.count)
      #expect(widths.allSatisfy { $0 < 80 }, "\(table)")

      try drop(fixture, store, folder)
      try fix(fixture, store, folder)
      try report(store, folder)
    }
  }

  /// The findings are a list of what to leave out.
  private func drop(_ fixture: AuditFixture, _ store: String, _ folder: String) throws {
    let list = folder + "/drop.jsonl"
    let chosen = try prep(["audit", store, "--kinds", "dark,leak,small_class", "--json"])
    #expect(try findings(chosen.output).count == 4)
    try chosen.output.write(toFile: list, atomically: true, encoding: .utf8)
    let build = fixture.build + ["--drop", list, "--output", folder + "/clean", "--json"]
    let built = try prep(build)
    #expect(built.exitCode == 0, "\(built.errors)")
    let summary = try built.json()
    #expect(summary["left_out"] == 2 && summary["rejected_total"] == 0)
    #expect(try names(store).subtracting(names(folder + "/clean")) == ["da<rk>.png", "copy.png"])
    #expect(try prep(build).json()["unchanged"] == true)
    let left = try prep(["audit", folder + "/clean", "--kinds", "dark,leak", "--json"])
    #expect(left.exitCode == 0 && left.output.isEmpty)

    // Another list is another store.
    try AuditFixture.write(["path", "gray.png", "absent.png"], to: folder + "/drop.csv")
    let other = fixture.build + ["--drop", folder + "/drop.csv", "--output", folder + "/clean"]
    #expect(try prep(other).exitCode != 0)
    let forced = try prep(other + ["--force", "--json"])
    #expect(
      try forced.json()["notices"]?.arrayValue?.contains {
        $0.stringValue?.hasPrefix("1 of the 2 paths") == true
      } == true)
    #expect(try names(store).subtracting(names(folder + "/clean")) == ["gray.png"])

    // The findings of a faultless store.
    try "".write(toFile: list, atomically: true, encoding: .utf8)
    #expect(try prep(build + ["--force"]).json()["left_out"] == 0)
    try "kind\ndark\n".write(
      toFile: folder + "/nopath.csv", atomically: true, encoding: .utf8)
    let refused = try prep(
      fixture.build + ["--drop", folder + "/nopath.csv", "--output", folder + "/none"])
    #expect(refused.exitCode != 0 && refused.errors.contains("has no column named path"))
    #expect(!FileManager.default.fileExists(atPath: folder + "/none"))
  }

  /// The template is read as it is, and corrected.
  private func fix(_ fixture: AuditFixture, _ store: String, _ folder: String) throws {
    let fixes = folder + "/fixes.csv"
    let written = try prep(["audit", store, "--write-fixes", fixes])
    #expect(written.exitCode == 0, "\(written.errors)")
    var lines = try String(contentsOfFile: fixes, encoding: .utf8).split(separator: "\n").map(
      String.init)
    #expect(lines.first == "path,age,kind" && lines.count == 4)
    let place = try #require(lines.firstIndex { $0.hasPrefix("twin.jpg,") })
    #expect(lines[place] == "twin.jpg,20,odd")
    lines[place] = "twin.jpg,,even"
    try AuditFixture.write(lines, to: fixes)
    let built = try prep(
      fixture.build + ["--fix-labels", fixes, "--output", folder + "/fixed"])
    #expect(built.exitCode == 0, "\(built.errors)")
    let left = try prep(["audit", folder + "/fixed", "--kinds", "label_conflict", "--json"])
    #expect(left.exitCode == 0 && left.output.isEmpty)
  }

  private func report(_ store: String, _ folder: String) throws {
    let path = folder + "/audit.html"
    let written = try prep(["audit", store, "--report", path])
    #expect(written.exitCode == 0, "\(written.errors)")
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page.contains("da&lt;rk&gt;.png") && !page.contains("<rk>"))
    for title in ["label conflict", "leak", "odd shape", "small class", "Labels"] {
      #expect(page.contains("<h2>\(title)</h2>"))
    }
    // A picture a finding, two where there is a twin, none for a class.
    #expect(page.components(separatedBy: "<img").count - 1 == 12 + 2 * 4)
  }

  @Test func anotherStoreIsComparedWith() throws {
    try withTemporaryFolder { folder in
      let fixture = try AuditFixture(in: folder)
      let photographs = folder + "/other"
      try FileManager.default.createDirectory(
        atPath: photographs, withIntermediateDirectories: true)
      for name in ["3.png", "gray.png"] {
        try FileManager.default.copyItem(
          atPath: "\(fixture.photographs)/\(name)", toPath: "\(photographs)/x-\(name)")
      }
      try AuditFixture.write(
        ["path,split", "x-3.png,train", "x-gray.png,train"], to: folder + "/other.csv")
      for build in [
        fixture.build + ["--output", folder + "/store"],
        [
          "build", photographs, "--labels", folder + "/other.csv", "--size", "64", "--output",
          folder + "/test", "--validation", "0",
        ],
      ] {
        let built = try prep(build)
        #expect(built.exitCode == 0, "\(built.errors)")
      }
      let audit = try prep([
        "audit", folder + "/store", "--against", folder + "/test", "--kinds", "shared", "--json",
      ])
      let found = try findings(audit.output)
      #expect(words(found).sorted() == ["shared 3.png", "shared gray.png"])
      #expect(found.allSatisfy { $0["other_store"]?.stringValue == folder + "/test" })
    }
  }

  @Test func aFolderIsAuditedAsAStoreOfIt() throws {
    try withTemporaryFolder { folder in
      let fixture = try AuditFixture(in: folder)
      let labels = ["--labels", fixture.labels]
      let audit = try prep(["audit", fixture.photographs, "--json"] + labels)
      #expect(audit.exitCode == 0 && audit.errors.isEmpty, "\(audit.errors)")
      // Without splits, a copy in another split is one in the same.
      let expected = AuditFixture.planted.subtracting([
        "leak copy.png", "small_class kind rare in validation",
      ]).union(["duplicate copy.png"])
      // Of two equal photographs, which is the copy depends on the order.
      func normalized(_ words: some Sequence<String>) -> Set<String> {
        Set(words.map { $0.hasPrefix("duplicate") ? "duplicate" : $0 })
      }
      #expect(normalized(words(try findings(audit.output))) == normalized(expected))
      let page = folder + "/page.html"
      #expect(
        try prep(["audit", fixture.photographs + "/.", "--report", page] + labels).exitCode == 0)
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains("Audit of photos"))
      let refused = try prep(["audit", folder + "/absent"])
      #expect(refused.exitCode != 0 && refused.errors.contains("absent: cannot open"))
    }
  }

  /// A model that has learned which faces are which finds the labels that were changed afterwards.
  @Test func aModelFindsWrongLabels() throws {
    try withTemporaryFolder { folder in
      let names = try StoreReader(path: TrainFixture.store).split("train").names()
      let genders = try StoreReader(path: TrainFixture.store).split("train").column("gender").floats
      let wrong = Array(zip(names, genders).prefix(8))
      try AuditFixture.write(
        ["path,gender"] + wrong.map { "\($0),\($1 == 0 ? "female" : "male")" },
        to: folder + "/fixes.csv")
      #expect(wrong.count == 8)
      let store = folder + "/store"
      let built = try prep([
        "build", TrainFixture.faces, "--fix-labels", folder + "/fixes.csv", "--output", store,
      ])
      #expect(built.exitCode == 0, "\(built.errors)")
      let run = folder + "/run"
      let trained = try BuiltProgram.train.run([
        "--shards", TrainFixture.store, "--output", run, "--epochs", "30", "--batch-size", "16",
        "--lr", "0.005", "--momentum", "0.9", "--seed", "3", "--no-report",
      ])
      #expect(trained.exitCode == 0, "\(trained.errors)")
      let audit = try prep([
        "audit", store, "--weights", run + "/last.safetensors", "--kinds",
        "class_doubt,number_doubt", "--json",
      ])
      #expect(audit.exitCode == 0, "\(audit.errors)")
      #expect(audit.errors.contains("were trained on some of these photographs"))
      let found = try findings(audit.output).filter {
        $0["note"]?.stringValue?.hasPrefix("gender ") == true
      }
      let doubted = Set(found.compactMap { $0["path"]?.stringValue })
      let missed = wrong.filter { !doubted.contains($0.0) }
      #expect(missed.isEmpty, "\(missed)")
      #expect(found.count <= 2 * wrong.count)
      // They come first, most of them.
      let first = Set(found.prefix(8).compactMap { $0["path"]?.stringValue })
      #expect(first.intersection(wrong.map(\.0)).count >= 6, "\(first)")
    }
  }

  @Test(arguments: [
    (["--kinds", "dork"], "--kinds takes label_conflict"), (["--kinds", ""], "--kinds takes"),
    (["--report", "page.txt"], "--report takes a file that ends in .html"),
    (["--write-fixes", "fixes.jsonl"], "--write-fixes takes a file that ends in .csv"),
    (["--against", "/nonexistent/store"], "/nonexistent/store"),
    (["--against", TrainFixture.store], "holds the same samples"),
    (["--kinds", "class_doubt"], "give --weights"),
    (["--weights", "/nonexistent/best.safetensors"], "/nonexistent/best.safetensors"),
    (["--report", TrainFixture.store + "/page.html"], "page.html"),
  ])
  func wrongUse(_ arguments: [String], _ problem: String) throws {
    let before = contents(of: TrainFixture.store)
    let result = try prep(["audit", TrainFixture.store] + arguments)
    #expect(result.exitCode != 0 && result.output.isEmpty)
    #expect(result.errors.contains(problem), "\(result.errors)")
    #expect(contents(of: TrainFixture.store) == before)
  }

  @Test func samplesAreShownByCondition() throws {
    try withTemporaryFolder { folder in
      let picture = folder + "/grid.png"
      func sample(_ arguments: [String]) throws -> BuiltProgram.Result {
        try prep(["sample", TrainFixture.store, "--output", picture, "--count", "999"] + arguments)
      }
      let split = try StoreReader(path: TrainFixture.store).split("train")
      let (ages, genders) = (try split.column("age").floats, try split.column("gender").floats)
      let count = zip(ages, genders).count { $0 > 40 && $1 == 1 }
      #expect(count > 0 && count < split.sampleCount)
      for condition in ["age>40,gender=female", "gender=1, age>=41"] {
        let shown = try sample(["--where", condition])
        #expect(shown.output == "\(picture): \(count) samples of train\n", "\(shown.errors)")
      }
      try FileManager.default.removeItem(atPath: picture)
      for (condition, problem) in [
        ("age>500", "has no samples that meet \"age>500\""),
        ("gender=femal", "did you mean female?"),
        ("sex=1", "which is not a column"),
      ] {
        let refused = try sample(["--where", condition])
        #expect(refused.exitCode != 0 && refused.errors.contains(problem), "\(refused.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: picture))
    }
  }
}
