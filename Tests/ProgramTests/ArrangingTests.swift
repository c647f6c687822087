import Foundation
import Store
import Testing

/// What is done with a store, or before there is one: groups, dry runs, `inspect` and `convert`.
@Suite struct ArrangingTests {
  private static let faces: String = {
    let path = TrainFixture.folder + "/arranging-drawn"
    _ = try? BuiltProgram.prep.run(["synth", "--output", path, "--count", "240", "--seed", "8"])
    return path
  }()

  private static let small = ["--samples-per-shard", "64", "--threads", "2"]

  private func run(
    _ arguments: [String], location: SourceLocation = #_sourceLocation
  ) throws -> BuiltProgram.Result {
    let result = try BuiltProgram.prep.run(arguments)
    #expect(result.exitCode == 0, "\(result.errors)", sourceLocation: location)
    return result
  }

  private func build(_ output: String, _ options: [String] = []) throws -> BuiltProgram.Result {
    try run(["build", Self.faces, "--output", output] + Self.small + options)
  }

  /// A table that says a person, in names and numbers, for every photograph but some.
  private func people(in folder: String) throws -> (path: String, ids: [String: String]) {
    var rows = ["path,Person ID,mood"]
    var ids: [String: String] = [:]
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.faces).sorted()
      .filter { $0.hasSuffix(".jpg") && !$0.contains(",") && !$0.contains("\"") }
    for (index, name) in names.enumerated() {
      let person = index * 7919 % 41
      let id = index % 11 == 0 ? "NA" : person < 10 ? "\(person)" : "Person \(person)"
      if id != "NA" { ids[name] = id }
      rows.append("\(name),\(id),\(index % 2 == 0 ? "glad" : "sad")")
    }
    try rows.joined(separator: "\n").write(
      toFile: folder + "/people.csv", atomically: true, encoding: .utf8)
    return (folder + "/people.csv", ids)
  }

  @Test(arguments: [
    [], ["--split", "train=0.5,validation=0.3,test=0.2"], ["--folds", "4"],
    ["--duplicates", "ignore"], ["--duplicates", "first", "--stratify", "none"],
  ])
  func aGroupIsInOneSplitAndFold(options: [String]) throws {
    try withTemporaryFolder { folder in
      let (table, ids) = try people(in: folder)
      let store = folder + "/store"
      let arguments =
        ["build", Self.faces, "--output", store, "--labels", table, "--group-by", "person_id"]
        + Self.small + options
      let built = try run(arguments + ["--json"]).json()
      let groups = Set(ids.values).count
      #expect(built["group_by"] == ["column": "person_id", "groups": .integer(groups)])
      #expect(
        built["guessed_columns"]?.stringValue?.contains(
          "name: person_id, from: \"Person ID\", role: group")
          == true)
      var places: [String: Set<String>] = [:]
      var free: Set<String> = []
      let reader = try StoreReader(path: store)
      for split in reader.splits {
        let folds = options.contains("--folds") ? try split.column("fold").floats : nil
        for (sample, name) in try split.names().enumerated() {
          let place = split.name + (folds.map { " \($0[sample])" } ?? "")
          if let id = ids[name] {
            places[id, default: []].insert(place)
          } else {
            free.insert(place)
          }
        }
      }
      #expect(places.count == groups)
      #expect(places.values.allSatisfy { $0.count == 1 })
      // Not all in one, and those without an identity on their own.
      #expect(Set(places.values).count > 1 && free.count > 1)
      #expect(try run(arguments).output.contains("unchanged"))
      let other = try BuiltProgram.prep.run(arguments.map { $0 == "person_id" ? "mood" : $0 })
      #expect(other.exitCode == 1 && other.errors.contains("--force"))
    }
  }

  @Test func aColumnThatIsNotThereIsNamed() throws {
    try withTemporaryFolder { folder in
      let arguments = ["build", Self.faces, "--output", folder + "/store"]
      let wrong = try BuiltProgram.prep.run(arguments + ["--group-by", "rase"])
      #expect(wrong.exitCode == 1)
      #expect(wrong.errors.contains("they have age, gender, race; did you mean race?"))
      try "path,split\na,train\n".write(
        toFile: folder + "/split.csv", atomically: true, encoding: .utf8)
      let both = try BuiltProgram.prep.run(
        arguments + ["--group-by", "race", "--split-file", folder + "/split.csv"])
      #expect(both.exitCode == 1 && both.errors.contains("--split-file alone decides"))
      // One value: one group, which trains, or is held out with everything.
      let names = try FileManager.default.contentsOfDirectory(atPath: Self.faces)
        .filter { !$0.contains(",") && !$0.contains("\"") }
      try (["path,camera,mood"] + names.map { "\($0),one,glad" }).joined(separator: "\n").write(
        toFile: folder + "/one.csv", atomically: true, encoding: .utf8)
      var codes: Set<Int32> = []
      for seed in 0..<12 {
        let one = try BuiltProgram.prep.run(
          arguments + [
            "--labels", folder + "/one.csv", "--group-by", "camera", "--validation", "0.5",
            "--seed", "\(seed)", "--force",
          ])
        codes.insert(one.exitCode)
        guard one.exitCode != 0 else { continue }
        #expect(one.errors.contains("--group-by camera leaves no image to train on"))
      }
      #expect(codes == [0, 1])
    }
  }

  @Test func aDryRunWritesNothing() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/below/store"
      let planned = try run([
        "build", Self.faces, "--output", store, "--dry-run", "--json", "--validation", "0.25",
      ]).json()
      #expect(contents(of: folder).isEmpty)
      #expect(!FileManager.default.fileExists(atPath: folder + "/below"))
      let built = try build(store, ["--validation", "0.25", "--json"]).json()
      #expect(planned["found"] == built["found"] && planned["ignored"] == built["ignored"])
      // A dry run does not see what only decoding finds.
      let accepted = try #require(planned["accepted"]?.intValue)
      #expect(accepted > built["accepted"]?.intValue ?? .max)
      for reason in ["field_count", "out_of_range"] {
        #expect(planned["rejected"]?[reason] == built["rejected"]?[reason])
      }
      let train = try #require(planned["splits"]?["train"]?.intValue)
      #expect(abs(train - (built["splits"]?["train"]?.intValue ?? 0)) < 20)
      #expect(planned["output_state"] == "free" && planned["needed_bytes"]?.intValue ?? 0 > 0)
      guard case .object(let genders)? = planned["labels"]?["gender"]?["classes"] else {
        Issue.record("no classes")
        return
      }
      #expect(genders.values.reduce(0) { $0 + ($1.intValue ?? 0) } == accepted)

      let before = contents(of: folder)
      let dry = ["--output", store, "--dry-run"]
      #expect(
        try run(["build", Self.faces, "--seed", "3"] + dry).output.contains("--force is needed"))
      let text = try run(["build", Self.faces, "--validation", "0.25"] + Self.small + dry).output
      #expect(text.contains("a store of the same recipe is there"))
      #expect(contents(of: folder) == before)
      try "path,a_label_of_a_name,b\nnowhere.jpg,0.5,1\nnor.jpg,-3.1,2\n".write(
        toFile: folder + "/labels.csv", atomically: true, encoding: .utf8)
      let none = try BuiltProgram.prep.run(
        ["build", Self.faces, "--labels", folder + "/labels.csv"] + dry)
      #expect(none.exitCode == 1 && none.output.contains("could not be built; nothing"))
      #expect(none.errors.contains("0 are acceptable by name and labels"), "\(none.errors)")
      let missing = try run(
        ["build", Self.faces, "--labels", folder + "/labels.csv", "--unlisted", "missing"] + dry)
      #expect(missing.output.contains("\n  a_label_of_a_name\n             "), "\(missing.output)")
      let nothing = try BuiltProgram.prep.run(["build", folder + "/below"] + dry)
      #expect(nothing.exitCode == 1 && nothing.errors.contains("holds no JPEG or PNG files"))
    }
  }

  /// A converted store is the one that a build makes, and a build there has nothing to do.
  @Test func aConvertedStoreIsTheOneThatABuildMakes() throws {
    try withTemporaryFolder { folder in
      let (store, portable) = (folder + "/store", folder + "/portable")
      _ = try build(store)
      let other = ["--codec", "portable", "--samples-per-shard", "50"]
      _ = try run(["build", Self.faces, "--output", portable] + other)
      for threads in ["1", "3"] {
        let converted = folder + "/converted-" + threads
        _ = try run(["convert", store, "--output", converted, "--threads", threads] + other)
        #expect(contents(of: converted) == contents(of: portable))
        #expect(try run(["verify", converted]).output.contains("sound"))
        #expect(
          try run(["build", Self.faces, "--output", converted] + other).output.contains("unchanged")
        )
      }
      let back = ["convert", portable, "--codec", "predictive", "--samples-per-shard", "64"]
      _ = try run(back + ["--output", folder + "/back"])
      #expect(contents(of: folder + "/back") == contents(of: store))
      #expect(try run(back + ["--output", folder + "/back", "--json"]).json()["unchanged"] == true)
      // In its own place, and not over another without a word.
      let refused = try BuiltProgram.prep.run(back + ["--output", portable])
      #expect(refused.exitCode == 1 && refused.errors.contains("--force"))
      // The list of rejected files goes with the store.
      func rejects(_ store: String) -> Data? {
        FileManager.default.contents(atPath: store + ".rejects.jsonl")
      }
      #expect(
        rejects(folder + "/converted-1") == rejects(store) && rejects(store)?.isEmpty == false)
      try Data("{\"path\":\"old\",\"reason\":\"old\"}\n".utf8).write(
        to: URL(fileURLWithPath: portable + ".rejects.jsonl"))
      _ = try run(
        ["convert", folder + "/back", "--codec", "portable", "--output", portable, "--force"])
      #expect(rejects(portable) == rejects(store))
      _ = try run(back + ["--output", portable, "--force"])
      #expect(contents(of: portable) == contents(of: store))
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasSuffix(".rejects.jsonl") }
      #expect(Set(left) == ["store", "portable", "converted-1", "converted-3", "back"])
    }
  }

  @Test(arguments: ["damaged", "full disk", "file", "no store", "inside"])
  func aFailedConversionLeavesNothing(kind: String) throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      let output = kind == "inside" ? store + "/train/below/new" : folder + "/new"
      _ = try build(store)
      var expected: Int32 = 1
      var sentence = "CRC-32C"
      switch kind {
      case "damaged":
        let path = store + "/train/image/c/1/0/0/0"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[300] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
      case "inside": sentence = "lies in the store"
      case "full disk": sentence = "make room and run the same command again"
      case "file":
        try Data([1]).write(to: URL(fileURLWithPath: output))
        sentence = "is a file"
      default:
        try FileManager.default.removeItem(atPath: store + "/zarr.json")
        (expected, sentence) = (1, "is not a store")
      }
      let before = contents(of: folder)
      let result = try BuiltProgram.prep.run(
        ["convert", store, "--output", output, "--codec", "portable"],
        limit: kind == "full disk" ? "ulimit -f 8;" : nil)
      #expect(result.exitCode == expected)
      #expect(result.errors.contains(sentence), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(contents(of: folder) == before)
      #expect(!FileManager.default.fileExists(atPath: output + ".partial"))
    }
  }

  @Test func inspectShowsAStoreAndASample() throws {
    try withTemporaryFolder { folder in
      let store = folder + "/store"
      let built = try build(store, ["--json"]).json()
      let shown = try run(["inspect", store, "--json"]).json()
      let reader = try StoreReader(path: store)
      #expect(shown["format_version"] == 2 && shown["layout"]?["codec"] == "predictive")
      #expect(shown["bytes"] == built["store_bytes"])
      guard case .object(let arrays)? = shown["arrays"] else {
        Issue.record("no arrays")
        return
      }
      #expect(
        arrays.values.reduce(0) { $0 + ($1["bytes"]?.intValue ?? 0) } == reader.storeByteCount)
      #expect(arrays["image"] != nil && arrays["measures/width"] != nil)
      #expect(shown["identity"]?["content_sha256"]?.stringValue == reader.identity.contentSHA256)
      #expect(
        shown["columns"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
          == ["age", "gender", "race"])
      let text = try run(["inspect", store]).output
      #expect(text.contains("predictive codec") && text.contains("seed 42"))

      let split = try reader.split("validation")
      let record = try run(["inspect", store, "validation", "3", "--json"]).json()
      let name = try split.names()[3]
      #expect(record["path"]?.stringValue == name)
      #expect(record["labels"]?["age"]?.intValue == Int(name.prefix { $0 != "_" }))
      #expect(record["source_sha256"]?.stringValue?.count == 64)
      #expect(record["measures"]?["width"]?.intValue ?? 0 > 0)
      #expect(try run(["inspect", store, "validation", "3"]).output.contains(name))
      for (arguments, code) in [
        (["validation", "99999"], 1), (["nothing", "0"], 1), (["train"], 64),
        (["train", "-1"], 64),
      ] as [([String], Int32)] {
        let result = try BuiltProgram.prep.run(["inspect", store] + arguments)
        #expect(result.exitCode == code && result.output.isEmpty, "\(arguments)")
      }
    }
  }

  /// More photographs move few of those that are there, and the build says how many.
  @Test func addedPhotographsMoveFew() throws {
    try withTemporaryFolder { folder in
      let (source, store) = (folder + "/faces", folder + "/store")
      try FileManager.default.copyItem(atPath: Self.faces, toPath: source)
      let names = try FileManager.default.contentsOfDirectory(atPath: source).sorted()
        .filter { $0.hasSuffix(".jpg") }
      for name in names[0..<40] { try FileManager.default.removeItem(atPath: "\(source)/\(name)") }
      let arguments = ["build", source, "--output", store, "--json"] + Self.small
      let first = try run(arguments).json()
      #expect(first["moved"] == .null)
      func samples() throws -> [(content: SourceKey, split: String)] {
        try StoreReader(path: store).splits.flatMap { split in
          try split.sources().map { (SourceKey(bytes: $0.bytes), split.name) }
        }
      }
      let before = Dictionary(try samples().map { ($0, $1) }, uniquingKeysWith: { a, _ in a })
      for name in names[0..<40] {
        try FileManager.default.copyItem(
          atPath: "\(Self.faces)/\(name)", toPath: "\(source)/\(name)")
      }
      let more = try run(arguments + ["--force"]).json()
      let known = try samples().filter { before[$0.content] != nil }
      let moved = known.count { before[$0.content] != $0.split }
      #expect((1..<before.count / 10).contains(moved))
      #expect(more["moved"]?["samples"]?.intValue == moved)
      #expect(more["moved"]?["known_samples"]?.intValue == known.count)
      let reseeded = try run(arguments + ["--force", "--seed", "7"]).json()
      #expect(reseeded["moved"] == .null)
    }
  }

  private struct SourceKey: Hashable { let bytes: [UInt8] }

  /// A whole number in a recipe is the same number when it is read back.
  @Test func aStoreWithoutValidationIsUnchanged() throws {
    try withTemporaryFolder { folder in
      _ = try build(folder + "/store", ["--validation", "0"])
      #expect(try build(folder + "/store", ["--validation", "0"]).output.contains("unchanged"))
    }
  }
}
