import Experiment
import Faces
import Files
import Foundation
import Testing

@Suite struct LabelSourceTests {
  /// The labels of paths as texts, by column; nil for a missing one, or the reason of a reject.
  private func read(
    _ source: any LabelSource, _ path: String
  ) throws -> (values: [String?]?, reject: NameReject?) {
    let outcome = try Array(path.utf8).withUnsafeBufferPointer { try source.labels(of: $0) }
    switch outcome {
    case .success(let row): return (row.values(of: source.columns).map { $0?.description }, nil)
    case .failure(let reject): return (nil, reject)
    }
  }

  /// Opens a label file of these bytes.
  private func table(
    _ text: String, name: String = "labels.csv", _ change: (inout LabelSettings) -> Void = { _ in }
  ) throws -> any LabelSource {
    try withFile(text, name) { path, folder in
      var settings = LabelSettings()
      settings.file = path
      change(&settings)
      return try LabelSources.open(
        settings, strict: false, source: "photos", spool: Spool(folder: folder, memory: 256),
        paths: { _ in })
    }
  }

  private func withFile<Result>(
    _ text: String, _ name: String, _ body: (_ path: String, _ folder: String) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/labels-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try body(path, folder)
  }

  private func column(
    _ name: String, _ kind: ColumnSettings.Kind, _ change: (inout ColumnSettings) -> Void = { _ in }
  ) -> ColumnSettings {
    var settings = ColumnSettings(name: name, kind: kind)
    change(&settings)
    return settings
  }

  @Test func fairFacesLayoutIsGuessed() throws {
    // FairFace's own header and rows.
    let source = try table(
      """
      file,age,gender,race,service_test\r
      train/1.jpg,50-59,Male,East Asian,True\r
      train/2.jpg,30-39,Female,Indian,False\r
      val/3.jpg,3-9,Female,Black,False\r
      train/4.jpg,more than 70,Male,Latino_Hispanic,True\r
      """)
    #expect(source.columns.map(\.name) == ["age", "gender", "race", "service_test"])
    #expect(source.columns.allSatisfy { $0.kind == .class && $0.element == .uint8 })
    #expect(source.columns[0].classNames == ["3-9", "30-39", "50-59", "more than 70"])
    #expect(source.columns[1].classNames == ["Female", "Male"])
    #expect(try read(source, "val/3.jpg").values == ["0", "0", "0", "0"])
    #expect(try read(source, "train/4.jpg").values == ["3", "1", "3", "1"])
    #expect(try read(source, "train/3.jpg").reject?.reason == .unlisted)
    #expect(source.notices.isEmpty)
    #expect(source.guess?.contains("- {name: age, kind: class, classes: [\"3-9\", ") == true)
  }

  @Test func afadsLayoutIsReadFromFolders() throws {
    // AFAD: age / 111 (male) or 112 (female) / name.
    var settings = LabelSettings()
    settings.origin = .folders
    settings.columns = [
      column("age", .number) {
        $0.element = .uint8
        $0.range = [15, 75]
      },
      column("gender", .class) {
        $0.classes = ["male", "female"]
        $0.texts = ["111", "112"]
      },
    ]
    let source = try LabelSources.open(
      settings, strict: false, source: "AFAD", spool: Spool(folder: "/tmp"), paths: { _ in })
    #expect(try read(source, "15/111/1-0.jpg").values == ["15", "0"])
    #expect(try read(source, "AFAD-Lite/39/112/7-0.jpg").values == ["39", "1"])
    #expect(try read(source, "14/112/7-0.jpg").reject?.reason == .outOfRange)
    #expect(try read(source, "39/male/7-0.jpg").reject?.reason == .outOfRange)
    #expect(try read(source, "39.jpg").reject?.reason == .unlisted)
  }

  @Test func aFolderIsAClass() throws {
    var settings = LabelSettings()
    settings.origin = .folders
    let source = try LabelSources.open(
      settings, strict: false, source: "pets", spool: Spool(folder: "/tmp")
    ) { body in
      for path in ["dog/1.jpg", "cat/2.jpg", "10/3.jpg", "9/4.jpg", "loose.jpg"] {
        try Array(path.utf8).withUnsafeBufferPointer(body)
      }
    }
    #expect(source.columns.map(\.classNames) == [["9", "10", "cat", "dog"]])
    #expect(try read(source, "dog/x.jpg").values == ["3"])
    #expect(try read(source, "loose.jpg").reject?.reason == .unlisted)
    #expect(try read(source, "bird/x.jpg").reject?.reason == .outOfRange)
  }

  @Test func numbersClassesAndMissingLabels() throws {
    let text = """
      path,score,kind,count
      a.jpg,0.25,red,3
      b.jpg,,blue,
      ./c.jpg,NaN,,7.0
      "d ""d"", é.jpg"," -1.5e1 ",blue,254
      e.jpg,1e3,green,1
      """
    let guessed = try table(text)
    #expect(guessed.columns.map(\.element) == [.float32, .uint8, .uint8])
    #expect(guessed.columns[0].minimum == -15 && guessed.columns[0].maximum == 1000)
    #expect(try read(guessed, "a.jpg").values == ["0.25", "2", "3"])
    #expect(try read(guessed, "b.jpg").values == [nil, "0", nil])
    #expect(try read(guessed, "c.jpg").values == [nil, nil, "7"])
    #expect(try read(guessed, "d \"d\", é.jpg").values == ["-15.0", "0", "254"])

    let described = try table(text) {
      $0.columns = [
        column("kind", .class) {
          $0.classes = ["red", "blue"]
          $0.missing = ["green"]
        },
        column("score", .number) { $0.range = [-1, 2000] },
      ]
      $0.unlisted = .missing
    }
    #expect(described.notices.contains { $0.contains("count") })
    #expect(try read(described, "e.jpg").values == [nil, "1000.0"])
    #expect(try read(described, "d \"d\", é.jpg").reject?.reason == .outOfRange)
    #expect(try read(described, "z.jpg").values == [nil, nil])
  }

  @Test func repeatedPathsAgreeOrAreRejected() throws {
    let source = try table("path,x\na,1\nb,2\na,1\nb,3\nc,1\n,5\n")
    #expect(try read(source, "a").values == ["1"])
    let reject = try #require(try read(source, "b").reject)
    #expect(reject.reason == .conflictingRows && reject.description.contains("lines 3 and 5"))
    #expect(source.notices.contains { $0.contains("names 2 paths again") })
    #expect(source.notices.contains { $0.contains("1 rows without a path") })
  }

  @Test func jsonLines() throws {
    let source = try table(
      """
      {"path": "a.jpg", "score": 0.5, "ok": true}

      {"ok": false, "path": "b.jpg", "score": null}
      {"path": "c.jpg", "score": 2, "ok": null}
      """, name: "labels.jsonl")
    #expect(source.columns.map(\.name) == ["ok", "score"])
    #expect(try read(source, "a.jpg").values == ["1", "0.5"])
    #expect(try read(source, "b.jpg").values == ["0", nil])
    #expect(try read(source, "c.jpg").values == [nil, "2.0"])
  }

  @Test(arguments: [
    ("labels.csv", "path,x\n\"a", "line 2 opens a quote that does not end"),
    ("labels.csv", "path,x\n\"a\"b,1", "line 2 has text behind a closing quote"),
    ("labels.csv", "path,x\na\"b,1", "line 2 has a quote inside an unquoted field"),
    ("labels.csv", "path,x\na,1\nb\n", "line 3 has 1 fields, expected 2"),
    ("labels.csv", "path,x,x\na,1,2\n", "has two columns named \"x\""),
    ("labels.csv", "name,x\na,1\n", "name the column of paths with --path-column"),
    ("labels.csv", "", "is empty"),
    ("labels.csv", "path,x\na,\n", "has no column that could be a label"),
    ("labels.csv", "path,x\na\0,1\n", "line 2 holds a zero byte"),
    ("labels.txt", "path,x\n", "expected .csv or .jsonl"),
    ("labels.jsonl", "[1]\n", "line 1 is not an object"),
    ("labels.jsonl", "{\"path\": \"a\", \"x\": [1]}\n", "line 1 has a list or an object as \"x\""),
    ("labels.jsonl", "{\"path\": \"a\"\n", "line 1 is not JSON"),
  ])
  func hostileFilesAreOneSentence(name: String, text: String, says: String) throws {
    let error = #expect(throws: (any Error).self) { try table(text, name: name) }
    #expect(error.map { "\($0)".contains(says) } ?? false, "\(String(describing: error))")
  }

  @Test func aColumnThatIsNotThereHasANearestName() throws {
    let error = #expect(throws: FileError.self) {
      try table("path,gender\na,1\n") { $0.columns = [column("gendr", .number)] }
    }
    #expect(error?.message.contains("did you mean \"gender\"?") == true)
  }

  @Test func theByteOrderMarkIsNoPartOfAName() throws {
    let source = try table("\u{FEFF}path,x\r\n\"a\r\nb\",1\r\nc,2")
    #expect(try read(source, "a\r\nb").values == ["1"])
    #expect(try read(source, "c").values == ["2"])
  }

  @Test func fixesReplaceSingleLabels() throws {
    let source = try withFile(
      "path,race,age\n25_0_1_20170101000000000.jpg,,30\n1_0_1_2.jpg,missing,\nx.jpg,2,\n"
        + "y_1.jpg,Asian,7\n9_9_9_9.jpg,,300\n", "fixes.csv"
    ) { path, folder in
      var settings = LabelSettings()
      settings.fixes = path
      return try LabelSources.open(
        settings, strict: false, source: "photos", spool: Spool(folder: folder), paths: { _ in })
    }
    #expect(try read(source, "25_0_1_20170101000000000.jpg").values == ["30", "0", "1"])
    #expect(try read(source, "1_0_1_2.jpg").values == ["1", "0", nil])
    #expect(try read(source, "2_0_1_2.jpg").values == ["2", "0", "1"])
    // A rejected name needs every label.
    #expect(try read(source, "x.jpg").reject?.reason == .fieldCount)
    #expect(try read(source, "9_9_9_9.jpg").reject?.reason == .outOfRange)
    #expect(
      try source.notices { body in
        try Array("x.jpg".utf8).withUnsafeBufferPointer(body)
      }.count == 1)
  }

  @Test func pathsWithoutARowAreCounted() throws {
    try withFile("path,x\na,1\nb,2\nc,3\nc,3\n", "l.csv") { path, folder in
      var settings = LabelSettings()
      settings.file = path
      let source = try LabelSources.open(
        settings, strict: false, source: "photos", spool: Spool(folder: folder), paths: { _ in })
      let notices = try source.notices { body in
        try Array("b".utf8).withUnsafeBufferPointer(body)
      }
      #expect(notices.count == 1 && notices[0].hasPrefix("2 of the 3 paths"))
    }
  }

  @Test func utkFaceNamesAreTheDefault() throws {
    let source = try LabelSources.open(
      LabelSettings(), strict: true, source: "photos", spool: Spool(folder: "/tmp"), paths: { _ in }
    )
    #expect(source.columns == FaceLabels.columns)
    #expect(try read(source, "a/25_0_1_20170101000000000.jpg").values == ["25", "0", "1"])
    #expect(try read(source, "25_0_1_2.jpg").reject?.reason == .irregularTimestamp)
  }
}
