import Checksums
import Experiment
import Faces
import Files
import Foundation
import Store
import StoreBuilding
import Testing

@Suite struct StoreBuilderTests {
  /// Whether two stores have the same files.
  private func expectEqual(
    _ a: String, _ b: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let files = try regularFiles(below: a)
    #expect(try regularFiles(below: b) == files, sourceLocation: location)
    for file in files {
      #expect(
        FileManager.default.contents(atPath: "\(a)/\(file)")
          == FileManager.default.contents(atPath: "\(b)/\(file)"), "\(file)",
        sourceLocation: location)
    }
  }

  /// Another seed, validation share, duplicate policy or shard size decodes nothing, and gives the
  /// store that a build of its own would.
  @Test func samplesAreTakenFromTheStoreThatIsThere() throws {
    try withFaces(count: 40, extra: ["40_1_0_20170116184028385.jpg": goodFace]) { folder in
      _ = try build(folder)
      func change(_ prep: inout PrepSettings) {
        prep.split.seed = 9
        prep.split.validation = 0.4
        prep.samplesPerShard = 16
      }
      _ = try build(folder, output: "fresh", change)
      let other = try build(folder, output: "other", reuse: folder + "/store", change)
      #expect(other.reusedSamples == 41)
      try expectEqual(folder + "/fresh", folder + "/other")
      let name = "\(folder)/faces/41_1_0_20170116184028385.jpg"
      try Data(goodFace).write(to: URL(fileURLWithPath: name))
      try Data(pngFile(width: 5, height: 5) { x, y, _ in UInt8(x * y) }).write(
        to: URL(fileURLWithPath: "\(folder)/faces/1_0_0_20170101000000000.jpg"))
      let more = try build(folder, force: true, change)
      #expect(more.reusedSamples == 41)
      try FileManager.default.removeItem(atPath: folder + "/fresh")
      _ = try build(folder, output: "fresh", change)
      try expectEqual(folder + "/fresh", folder + "/store")
      // A damaged chunk is made anew.
      let shard = "\(folder)/store/train/image/c/0/0/0/0"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: shard))
      bytes[30] ^= 1
      try bytes.write(to: URL(fileURLWithPath: shard))
      let mended = try build(folder, force: true) {
        change(&$0)
        $0.split.seed = 10
      }
      #expect(mended.reusedSamples == 41)
      #expect(try StoreVerifier.verify(path: folder + "/store").problems.isEmpty)
      let error = #expect(throws: BuildError.self) {
        try build(folder, output: "large", reuse: folder + "/store") { $0.size = 16 }
      }
      #expect(error?.description.contains("nothing to reuse") == true)
    }
  }

  @Test(arguments: ["tar", "tar.gz"]) func anArchiveGivesTheStoreOfItsFolder(kind: String) throws {
    try withFaces(count: 30, extra: ["notes.txt": [1], "5_0_0_20170101.png": Array("GIF".utf8)]) {
      folder in
      let tar = Process()
      tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      tar.arguments = ["tar", "-caf", "\(folder)/faces.\(kind)", "-C", folder, "./faces"]
      try tar.run()
      tar.waitUntilExit()
      try #require(tar.terminationStatus == 0)
      let ofFolder = try build(folder)
      let ofArchive = try build(folder, output: "archived") {
        $0.source = ["\(folder)/faces.\(kind)"]
      }
      #expect(ofArchive.found == ofFolder.found)
      #expect(ofArchive.rejected == ofFolder.rejected)
      try expectEqual(folder + "/store", folder + "/archived")
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: folder + "/store.rejects.jsonl"))
          == Data(contentsOf: URL(fileURLWithPath: folder + "/archived.rejects.jsonl")))
      let again = try build(folder, output: "archived") {
        $0.source = ["\(folder)/faces.\(kind)"]
      }
      #expect(again.isUnchanged)
      #expect(try build(folder, output: "archived").isUnchanged)
    }
  }

  @Test func aFolderOfArchivesIsNamed() throws {
    try withFaces(count: 0, extra: ["UTKFace.tar.gz": [1, 2]]) { folder in
      let error = #expect(throws: BuildError.self) { try build(folder) }
      #expect(error?.description.contains("faces/UTKFace.tar.gz") == true)
    }
  }

  /// The same picture at two sizes: other bytes, nearly the same pixels. Also where the first of
  /// identical files is left out.
  @Test(arguments: [false, true])
  func nearlyEqualPhotographsStandOnOneSide(dropsFirst: Bool) throws {
    func picture(_ number: Int, edge: Int) -> [UInt8] {
      pngFile(width: edge, height: edge) { x, y, c in
        let cell = UInt64(x * 8 / edge + 8 * (y * 8 / edge) + 64 * c + 1000 * number)
        return UInt8(truncatingIfNeeded: SplitMix64.mix(cell) >> 32)
      }
    }
    var extra: [String: [UInt8]] = [:]
    for number in 0..<30 {
      extra["\(number)_0_0_20170101000000000.png"] = picture(number, edge: 64)
      extra["\(number)_1_0_20170101000000000.png"] = picture(number, edge: 72)
      if dropsFirst {
        extra["\(number)_0_0_20160101000000000.png"] = picture(number, edge: 64)
      }
    }
    try withFaces(count: 0, extra: extra) { folder in
      let list = folder + "/drop.csv"
      try "path\n\(extra.keys.filter { $0.contains("_2016") }.joined(separator: "\n"))\n"
        .write(toFile: list, atomically: true, encoding: .utf8)
      let summary = try build(folder) {
        $0.split.dropped = dropsFirst ? list : nil
        $0.size = 32
        $0.split.validation = 0.4
        $0.split.nearDuplicates = .together
      }
      #expect(summary.nearDuplicates.groups == 30)
      #expect(summary.nearDuplicates.photographs == 60)
      #expect(summary.nearDuplicates.conflictingGroups == 30)
      let store = try StoreReader(path: folder + "/store")
      let sides = try ["train", "validation"].map {
        Set(try store.split($0).column("age").bytes)
      }
      #expect(sides.allSatisfy { !$0.isEmpty })
      #expect(sides[0].isDisjoint(with: sides[1]))
    }
  }

  /// What the system cannot read at the moment is no fault of the file: nothing goes missing for it.
  @Test func aReadErrorEndsTheBuildAndTheNextGoesOn() throws {
    try withFaces(count: 40) { folder in
      _ = try build(folder, output: "whole")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/faces").sorted()
      let file = "\(folder)/faces/\(names[20])"
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      try FileManager.default.removeItem(atPath: file)
      // Reading its first bytes is an input/output error.
      try FileManager.default.createSymbolicLink(
        atPath: file, withDestinationPath: "/proc/self/mem")
      let error = #expect(throws: BuildError.self) {
        try build(folder) { $0.maxRejects = .count(10) }
      }
      #expect(error?.kind == .machine)
      #expect(!FileManager.default.fileExists(atPath: folder + "/store"))
      try FileManager.default.removeItem(atPath: file)
      try bytes.write(to: URL(fileURLWithPath: file))
      let summary = try build(folder)
      #expect(summary.resumedSamples > 0)
      for path in try regularFiles(below: folder + "/whole") {
        #expect(
          FileManager.default.contents(atPath: "\(folder)/whole/\(path)")
            == FileManager.default.contents(atPath: "\(folder)/store/\(path)"))
      }
    }
  }

  /// A file that changed between two runs is not taken for what it was.
  @Test func onlyEqualContentIsGoneOnWith() throws {
    try withFaces(count: 12, extra: ["40_1_0_20170116184028385.jpg": goodFace]) { folder in
      let link = "\(folder)/faces/30_1_0_20170116184028385.jpg"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/nowhere")
      #expect(throws: BuildError.self) { try build(folder) { $0.threads = 1 } }
      try FileManager.default.removeItem(atPath: link)
      // The labels of a copy are those of its own name.
      try Data(goodFace).write(to: URL(fileURLWithPath: link))
      try Data(pngFile(width: 5, height: 5) { x, y, _ in UInt8(x * y) }).write(
        to: URL(fileURLWithPath: "\(folder)/faces/1_0_0_20170101000000000.jpg"))
      _ = try build(folder)
      _ = try build(folder, output: "whole")
      for path in try regularFiles(below: folder + "/whole") {
        #expect(
          FileManager.default.contents(atPath: "\(folder)/whole/\(path)")
            == FileManager.default.contents(atPath: "\(folder)/store/\(path)"))
      }
    }
  }

  @Test func everyImageIsInTheStoreOnce() throws {
    try withFaces(count: 40) { folder in
      let summary = try build(folder)
      #expect(summary.splits.map(\.samples).reduce(0, +) == 40)
      let store = try StoreReader(path: folder + "/store")
      let names = try store.splits.flatMap { try $0.names() }
      #expect(Set(names).count == 40)
      for split in store.splits {
        let ages = try split.column("age").bytes
        for (sample, name) in try split.names().enumerated() {
          #expect(name.split(separator: "_")[0] == "\(ages[sample])")
        }
      }
      let comparison = try PixelComparison.run(
        store: folder + "/store", source: folder + "/faces")
      #expect(comparison.comparedCount == 40)
      #expect(comparison.problems.isEmpty)
    }
  }

  @Test func duplicatesNeverStandOnBothSides() throws {
    var extra: [String: [UInt8]] = [:]
    for group in 0..<12 {
      for copy in 0..<3 {
        extra["\(20 + copy)_\(copy % 2)_1_2017010100000\(group + 1000).jpg"] =
          pngFile(width: 6, height: 6) { x, y, c in UInt8(x * y + c + group) }
      }
    }
    try withFaces(count: 10, extra: extra) { folder in
      let summary = try build(folder) { $0.split.validation = 0.5 }
      #expect(summary.duplicates.groups == 12)
      #expect(summary.duplicates.files == 36)
      #expect(summary.duplicates.conflictingGroups == 12)
      let store = try StoreReader(path: folder + "/store")
      func groups(_ split: String) throws -> Set<String> {
        Set(
          try store.split(split).names().filter { $0.contains("_2017010100000") }
            .map { String($0.suffix(8)) })
      }
      let train = try groups("train")
      let validation = try groups("validation")
      #expect(!train.isEmpty && !validation.isEmpty)
      #expect(train.isDisjoint(with: validation))

      let first = try build(folder, output: "first") { $0.split.duplicates = .first }
      #expect(first.leftOut == 24)
      let none = try build(folder, output: "drop") { $0.split.duplicates = .drop }
      #expect(none.leftOut == 36)
    }
  }

  @Test func threadsDoNotShowInTheBytes() throws {
    try withFaces(count: 60, extra: ["5_0_0_20170101.png": Array("GIF".utf8)]) { folder in
      for threads in [1, 2, 5] {
        _ = try build(folder, output: "store\(threads)") { $0.threads = threads }
      }
      for path in try regularFiles(below: folder + "/store1") {
        let one = FileManager.default.contents(atPath: "\(folder)/store1/\(path)")
        for other in [2, 5] {
          #expect(one == FileManager.default.contents(atPath: "\(folder)/store\(other)/\(path)"))
        }
      }
    }
  }

  @Test func anUnchangedStoreIsRecognizedAndAnotherIsNotTouched() throws {
    try withFaces { folder in
      _ = try build(folder)
      let again = try build(folder)
      #expect(again.isUnchanged)
      #expect(again.splits.map(\.samples).reduce(0, +) == 40)
      let error = #expect(throws: BuildError.self) { try build(folder) { $0.split.seed = 43 } }
      #expect(error?.description.contains("--force") == true)
      #expect(try !build(folder, force: true) { $0.split.seed = 43 }.isUnchanged)
      // A file more, and the store is another one.
      try Data(goodFace).write(
        to: URL(fileURLWithPath: folder + "/faces/30_1_0_20170116184028385.jpg"))
      #expect(throws: BuildError.self) { try build(folder) { $0.split.seed = 43 } }
    }
  }

  @Test func aDamagedStoreIsReplacedOnlyByForce() throws {
    try withFaces { folder in
      _ = try build(folder)
      let root = URL(fileURLWithPath: folder + "/store/zarr.json")
      try (Data(contentsOf: root) + Data(" ".utf8)).write(to: root)
      #expect(throws: BuildError.self) { try build(folder) }
      #expect(try build(folder, force: true).splits.map(\.samples).reduce(0, +) == 40)
      #expect(try StoreVerifier.verify(path: folder + "/store").problems.isEmpty)
    }
  }

  @Test func foldersOfOthersAreLeftAlone() throws {
    try withFaces { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "/store", withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/store/thesis.txt"))
      let error = #expect(throws: BuildError.self) { try build(folder, force: true) }
      #expect(error?.kind == .output)
      #expect(try regularFiles(below: folder + "/store") == ["thesis.txt"])
      #expect(!FileManager.default.fileExists(atPath: folder + "/store.partial"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/store.journal"))
    }
  }

  @Test func nothingToBuildFromIsSaid() throws {
    try withFaces(count: 0) { folder in
      _ = #expect(throws: BuildError.self) { try build(folder) }
    }
    try withFaces(count: 0, extra: ["1_1_1_20170101000000000.jpg": [1, 2, 3]]) { folder in
      let error = #expect(throws: BuildError.self) { try build(folder) }
      #expect(error?.description.contains("no image") == true)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left == ["faces"])
    }
  }

  @Test func noValidationIsAllowed() throws {
    try withFaces(count: 10) { folder in
      _ = try build(folder) { $0.split.validation = 0 }
      let store = try StoreReader(path: folder + "/store")
      #expect(try store.split("validation").sampleCount == 0)
      #expect(try store.split("train").sampleCount == 10)
      #expect(try StoreVerifier.verify(path: folder + "/store").problems.isEmpty)
    }
  }
}
