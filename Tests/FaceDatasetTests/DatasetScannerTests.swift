import FaceDataset
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

  private func paths(_ result: DatasetScanner.Result) -> [String] {
    (0..<result.files.count).map { result.files.path(at: $0) }
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
      let result = try DatasetScanner.scan(folder.path)
      #expect(paths(result) == images.sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
      #expect(result.ignoredCount == others.count)
      #expect(result.notices.isEmpty)
    }
  }

  @Test func baseNames() {
    var list = FileList()
    list.append(path: "a/b/c.jpg")
    list.append(path: "d.jpg")
    list.append(path: [0x61, 0x2F, 0xFF] as [UInt8])
    #expect((0..<3).map(list.baseName) == ["c.jpg", "d.jpg", "\u{FFFD}"])
    #expect(list.withBaseName(at: 2) { Array($0) } == [0xFF])
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
      let result = try DatasetScanner.scan(folder.path)
      #expect(paths(result) == ["a/1_0_0_20170101000000000.jpg", "broken.jpg", "link.jpg"])
    }
  }

  @Test func aPipeIsNoCandidate() throws {
    try withFolder { folder in
      #expect(mkfifo(folder.appending(path: "pipe.jpg").path, 0o600) == 0)
      let result = try DatasetScanner.scan(folder.path)
      #expect(result.files.isEmpty && result.ignoredCount == 1)
    }
  }

  @Test func aMissingFolderIsNamed() throws {
    let error = #expect(throws: ScanError.self) { try DatasetScanner.scan("/no/such/folder") }
    #expect(error?.description.contains("/no/such/folder: No such file or directory") == true)
  }

  @Test func twinFoldersAreNoticed() throws {
    try withFolder { folder in
      let names = (0..<10).map { "\($0 + 1)_0_0_20170101000000000.jpg" }
      try add(names.map { "UTKFace/\($0)" }, in: folder)
      try add(names.map { "crop_part1/\($0)" }, in: folder)
      try add(["elsewhere/1_0_0_20170101000000000.jpg"], in: folder)
      let result = try DatasetScanner.scan(folder.path)
      #expect(result.files.count == 21)
      #expect(result.notices.count == 1)
      #expect(
        result.notices.first?.hasPrefix("folders UTKFace and crop_part1 share 10 file names")
          == true)
    }
  }

  @Test func pathsAreHeldCompactly() throws {
    try withFolder { folder in
      let names = (0..<500).map { "\($0 % 100)_0_0_20170101000000\(100 + $0).jpg.chip.jpg" }
      try add(names, in: folder)
      let files = try DatasetScanner.scan(folder.path).files
      #expect(files.count == 500)
      #expect(files.byteCount < 500 * 60)
    }
  }
}
