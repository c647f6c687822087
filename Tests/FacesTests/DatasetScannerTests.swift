import Faces
import Files
import Foundation
import Testing

@Suite struct DatasetScannerTests {
  /// Makes a folder, lets `body` fill it by relative path, and removes it afterwards.
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func add(_ paths: [String], in folder: URL) throws {
    for path in paths {
      let url = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: url.path, contents: Data()))
    }
  }

  private func scan(_ folder: URL, memory: Int = 1 << 20) throws -> DatasetScanner.Result {
    try DatasetScanner.scan(
      folder.path, spool: Spool(folder: FileManager.default.temporaryDirectory.path, memory: memory)
    )
  }

  private func paths(_ result: DatasetScanner.Result) throws -> [String] {
    try (0..<result.files.count).map { try result.files.path(at: $0) }
  }

  @Test func findsCandidatesInBytewiseOrder() throws {
    try withFolder { folder in
      let images = [
        "b/1_0_0_20170101000000000.jpg", "b.jpg", "B.JPG", "a/z/2_0_0_20170101000000000.png",
        "a/é.jpeg", "a-b/x.jpg", "3_0_0_20170101000000000 .jpg", "4_0_0_20170101000000000jpg",
        "5_0_0_20170101000000000", "6.jpg ", "empty_field__.jpg",
      ]
      let others = ["readme.txt", ".DS_Store", ".hidden.jpg", "a/notes_1.md", "jpg", "a/x.gif"]
      try add(images + others, in: folder)
      let result = try scan(folder)
      #expect(
        try paths(result) == images.sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
      #expect(result.ignoredCount == others.count)
      #expect(result.notices.isEmpty)
    }
  }

  @Test func baseNames() {
    for (path, name) in [("a/b/c.jpg", "c.jpg"), ("d.jpg", "d.jpg"), ("a/", ""), ("", "")] {
      Array(path.utf8).withUnsafeBufferPointer {
        #expect(Array(FileList.baseName(of: $0)) == Array(name.utf8))
      }
    }
  }

  @Test func linksAreFollowedOnceAndLoopsEnd() throws {
    try withFolder { folder in
      try add(["a/1_0_0_20170101000000000.jpg"], in: folder)
      let manager = FileManager.default
      try manager.createSymbolicLink(
        atPath: folder.appending(path: "a/loop").path, withDestinationPath: folder.path)
      try manager.createSymbolicLink(
        atPath: folder.appending(path: "b").path, withDestinationPath: "a")
      try manager.createSymbolicLink(
        atPath: folder.appending(path: "broken.jpg").path, withDestinationPath: "nowhere")
      try manager.createSymbolicLink(
        atPath: folder.appending(path: "link.jpg").path,
        withDestinationPath: "a/1_0_0_20170101000000000.jpg")
      let result = try scan(folder)
      #expect(try paths(result) == ["a/1_0_0_20170101000000000.jpg", "broken.jpg", "link.jpg"])
    }
  }

  @Test func aPipeIsNoCandidate() throws {
    try withFolder { folder in
      #expect(mkfifo(folder.appending(path: "pipe.jpg").path, 0o600) == 0)
      let result = try scan(folder)
      #expect(result.files.isEmpty && result.ignoredCount == 1)
    }
  }

  @Test func aMissingFolderIsNamed() throws {
    let error = #expect(throws: ScanError.self) {
      try scan(URL(fileURLWithPath: "/no/such/folder"))
    }
    #expect(error?.description.contains("/no/such/folder: No such file or directory") == true)
  }

  @Test func twinFoldersAreNoticed() throws {
    try withFolder { folder in
      let names = (0..<10).map { "\($0 + 1)_0_0_20170101000000000.jpg" }
      try add(names.map { "UTKFace/\($0)" }, in: folder)
      try add(names.map { "crop_part1/\($0)" }, in: folder)
      try add(["elsewhere/1_0_0_20170101000000000.jpg"], in: folder)
      let result = try scan(folder)
      #expect(result.files.count == 21)
      #expect(result.notices.count == 1)
      #expect(
        result.notices.first?.hasPrefix("folders UTKFace and crop_part1 share 10 file names")
          == true)
    }
  }

  @Test(arguments: [1, 3000, 1 << 20])
  func theListIsTheSameInLittleMemory(memory: Int) throws {
    try withFolder { folder in
      let names = (0..<700).map {
        "\($0 % 7)/\($0 % 100)_0_0_20170101000000\(100 + $0).jpg.chip.jpg"
      }
      try add(names, in: folder)
      let result = try scan(folder, memory: memory)
      let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) }
      #expect(try paths(result) == sorted)
      var inOrder: [String] = []
      try result.files.forEachPath { index, path in
        #expect(index == inOrder.count)
        inOrder.append(String(decoding: path, as: UTF8.self))
      }
      #expect(inOrder == sorted)
    }
  }
}
