import Files
import Foundation
import Photographs
import Testing

@Suite struct FolderSourceTests {
  /// Makes a folder, lets `body` fill it by relative path, and removes it afterward.
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

  private typealias Scan = (files: FileList, ignored: IgnoredFiles)

  private func scan(_ folder: URL, memory: Int = 1 << 20) throws -> Scan {
    let spool = Spool(folder: FileManager.default.temporaryDirectory.path, memory: memory)
    return try FileList.paths(of: FolderSource(folder.path, spool: spool), spool: spool)
  }

  private func paths(_ result: Scan) throws -> [String] {
    try (0..<result.files.count).map { try result.files.path(at: $0) }
  }

  @Test func findsCandidatesInBytewiseOrder() throws {
    try withFolder { folder in
      let images = [
        "b/1_0_0_20170101000000000.jpg", "b.jpg", "B.JPG", "a/z/2_0_0_20170101000000000.png",
        "a/é.jpeg", "a-b/x.jpg", "3_0_0_20170101000000000 .jpg", "4_0_0_20170101000000000jpg",
        "5_0_0_20170101000000000", "6.jpg ", "empty_field__.jpg", "7.jfif", "8.JPE",
      ]
      let others = [
        "readme.txt", ".DS_Store", ".hidden.jpg", "a/notes_1.md", "jpg", "a/x.gif", "x.WEBP",
        "y.webp",
      ]
      try add(images + others, in: folder)
      let result = try scan(folder)
      #expect(
        try paths(result) == images.sorted { Array($0.utf8).lexicographicallyPrecedes($1.utf8) })
      #expect(result.ignored.count == others.count)
      #expect(
        result.ignored.description
          == "2 .webp, 1 .gif: not supported; 2 hidden, 1 .md, 1 .txt, 1 other")
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
      #expect(result.files.isEmpty && result.ignored.kinds == ["pipe or device": 1])
    }
  }

  @Test func aMissingFolderIsNamed() throws {
    let error = #expect(throws: ScanError.self) {
      try scan(URL(fileURLWithPath: "/no/such/folder"))
    }
    #expect(error?.description.contains("/no/such/folder: No such file or directory") == true)
  }

  @Test func whatAMacLeavesIsPassedOver() throws {
    try withFolder { folder in
      try add(
        [
          "UTKFace/1_0_0_20170101000000000.jpg", "UTKFace/._1_0_0_20170101000000000.jpg",
          "__MACOSX/UTKFace/2_0_0_20170101000000000.jpg", ".hidden/3_0_0_20170101000000000.jpg",
        ], in: folder)
      let result = try scan(folder)
      #expect(try paths(result) == ["UTKFace/1_0_0_20170101000000000.jpg"])
      #expect(result.ignored.kinds == ["hidden": 2, "__MACOSX": 1])
    }
  }

  @Test func namesNeedNotBeUTF8() throws {
    try withFolder { folder in
      let names: [[UInt8]] = [
        Array("caf".utf8) + [0xE9, 0x2F] + Array("1.jpg".utf8), [0xFF] + Array(".jpg".utf8),
      ]
      let root = Array((folder.path + "/").utf8)
      #expect(
        (root + names[0].prefix(4) + [0]).withUnsafeBytes {
          mkdir($0.bindMemory(to: CChar.self).baseAddress!, 0o700)
        } == 0)
      for name in names {
        let descriptor = (root + name + [0]).withUnsafeBytes {
          creat($0.bindMemory(to: CChar.self).baseAddress!, 0o600)
        }
        #expect(descriptor >= 0 && close(descriptor) == 0)
      }
      let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
      let (photographs, _) = try ArgumentSource([folder.path], spool: spool).photographs()
      #expect(photographs.map(\.path) == names.map { root + $0 })
      for (photograph, name) in zip(photographs, names) {
        guard case .file(let path) = photograph.content else { continue }
        #expect(path == root + name)
      }
      _ = (root + names[0] + [0]).withUnsafeBytes {
        unlink($0.bindMemory(to: CChar.self).baseAddress!)
      }
      _ = (root + names[0].prefix(4) + [0]).withUnsafeBytes {
        rmdir($0.bindMemory(to: CChar.self).baseAddress!)
      }
      _ = (root + names[1] + [0]).withUnsafeBytes {
        unlink($0.bindMemory(to: CChar.self).baseAddress!)
      }
    }
  }

  @Test func aDeepFolderNeedsNoDescriptorForEachLevel() throws {
    try withFolder { folder in
      try add([String(repeating: "d/", count: 1500) + "1.jpg"], in: folder)
      #expect(try scan(folder).files.count == 1)
    }
  }

  @Test func argumentsAreTakenAsTheyAre() throws {
    try withFolder { folder in
      try add(["a/2.jpg", "a/1.jpg", "a/x.gif", "odd.name"], in: folder)
      let spool = Spool(folder: FileManager.default.temporaryDirectory.path)
      let (photographs, ignored) = try ArgumentSource(
        [folder.path + "/odd.name", folder.path + "/a//"], spool: spool
      ).photographs()
      #expect(
        photographs.map(\.title)
          == ["odd.name", "a/1.jpg", "a/2.jpg"].map { "\(folder.path)/\($0)" })
      #expect(ignored.unsupported == "1 .gif: not supported")
      try FileManager.default.removeItem(at: folder.appending(path: "a/1.jpg"))
      try FileManager.default.removeItem(at: folder.appending(path: "a/2.jpg"))
      let error = #expect(throws: ScanError.self) {
        try ArgumentSource([folder.path + "/a"], spool: spool).photographs()
      }
      #expect(error?.description.hasSuffix("(skipped: 1 .gif: not supported)") == true)
      #expect(throws: ScanError.self) {
        try ArgumentSource(["/no/such/face.jpg"], spool: spool).photographs()
      }
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
