import Files
import Foundation
import Testing

/// A folder that is removed at the end of `body`.
private func withFolder(_ body: (String) throws -> Void) throws {
  let path = NSTemporaryDirectory() + "/files-\(UUID().uuidString)"
  try makeDirectories(path)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(path)
}

private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

private func write(_ text: String, _ path: String) throws {
  try makeDirectories(parentFolder(of: path))
  try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}

@Suite struct MappedFileTests {
  @Test(arguments: [0, 100, 5000]) func aFileThatIsCutIsNoticed(length: Int) throws {
    try withFolder { folder in
      let path = folder + "/shard"
      try Data(repeating: 7, count: 20_000).write(to: URL(fileURLWithPath: path))
      let file = try MappedFile(path: path)
      #expect(file.bytes[19_999] == 7)
      try file.checkWhole()
      #expect(truncate(path, length) == 0)
      #expect(file.bytes[19_999] == 0)
      #expect(file.bytes[12_288] == 0)
      let error = #expect(throws: FileError.self) { try file.checkWhole() }
      #expect(error?.description.contains("shard: was cut short") == true)
      // Another mapping is not concerned, nor is one that gets the same place.
      try Data(repeating: 8, count: 20_000).write(to: URL(fileURLWithPath: folder + "/other"))
      try MappedFile(path: folder + "/other").checkWhole()
    }
  }
}

@Suite struct AtomicFileTests {
  @Test func neighborsStay() throws {
    try withFolder { folder in
      let path = folder + "/page.html"
      try write("mine", path + ".tmp")
      try write("mine", path + ".partial")
      try AtomicFile.write("one".utf8, to: path)
      try AtomicFile.write("two".utf8, to: path)
      #expect(text(path) == "two")
      #expect(
        try regularFiles(below: folder) == ["page.html", "page.html.partial", "page.html.tmp"])
    }
  }

  @Test func anUnfinishedFileLeavesTheEarlierOne() throws {
    try withFolder { folder in
      try AtomicFile.write("one".utf8, to: folder + "/a")
      do {
        let file = try AtomicFile(path: folder + "/a")
        try withUnsafeBytes(of: 7) { try file.append($0) }
      }
      #expect(text(folder + "/a") == "one")
      #expect(try regularFiles(below: folder) == ["a"])
    }
  }

  /// A killed process leaves its temporary file where the next one clears it.
  @Test func theTemporaryFileMayLieElsewhere() throws {
    try withFolder { folder in
      try write("", folder + "/unfinished/own")
      let file = try AtomicFile(path: folder + "/list", temporaryIn: folder + "/unfinished")
      let found = try regularFiles(below: folder).filter { $0 != "unfinished/own" }
      #expect(found.count == 1 && found[0].hasPrefix("unfinished/"))
      #expect(AtomicFile.isTemporary(found.first ?? ""))
      try file.finish()
      #expect(try regularFiles(below: folder) == ["list", "unfinished/own"])
    }
  }

  @Test(arguments: ["/dev/null", "/tmp", "/nowhere/a"])
  func whatCannotBeReplacedIsRefused(path: String) {
    #expect(throws: FileError.self) { try AtomicFile.write("x".utf8, to: path) }
  }

  @Test func anInputIsNotAnOutput() throws {
    try withFolder { folder in
      try write("w", folder + "/in/weights")
      #expect(symlink("in", folder + "/link") == 0)
      for output in ["in/weights", "link/weights", "in/../in/new", "link/new", "in/not/yet"] {
        #expect(throws: FileError.self) {
          try checkOutput(
            "\(folder)/\(output)", isNoneOf: [folder + "/in", folder + "/in/weights"])
        }
      }
      try checkOutput(folder + "/in/new", isNoneOf: [folder + "/in/weights"])
      try checkOutput(folder + "/new", isNoneOf: [folder + "/in", folder + "/nowhere"])
    }
  }
}

@Suite struct OutputFolderTests {
  private func isOwn(_ path: String) -> Bool { path.hasPrefix("own") }

  @Test func aClaimKeepsOthersOut() throws {
    try withFolder { folder in
      let path = folder + "/a/run"
      do {
        let claim = try OutputFolder(claiming: path, isOwn: isOwn)
        let error = #expect(throws: FileError.self) {
          try OutputFolder(claiming: path, isOwn: isOwn)
        }
        #expect(error?.description.contains("another process") == true)
        withExtendedLifetime(claim) {}
      }
      // Nothing was written, so nothing is left.
      #expect(!exists(path))
      #expect(throws: FileError.self) {
        try OutputFolder(claiming: folder, mustBeNew: true, isOwn: isOwn)
      }
    }
  }

  @Test(arguments: [false, true]) func earlierFilesGoWhenNewOnesAreThere(isWhole: Bool) throws {
    try withFolder { folder in
      try write("old", folder + "/own")
      try write("mine", folder + "/notes")
      do {
        let claim = try OutputFolder(claiming: folder, isOwn: isOwn)
        try claim.setAside()
        #expect(try claim.ownFiles() == [])
        try write("new", folder + "/own2")
        if isWhole { try claim.commit() }
      }
      #expect(try regularFiles(below: folder) == ["notes", isWhole ? "own2" : "own"])
    }
  }

  @Test func whatAKilledProcessSetAsideComesBack() throws {
    try withFolder { folder in
      try write("old", folder + "/.hydranet.replaced/own")
      try write("new", folder + "/own")
      do { _ = try OutputFolder(claiming: folder, isOwn: isOwn) }
      #expect(text(folder + "/own") == "old")
      try write("old", folder + "/.hydranet.discarded/own")
      do { _ = try OutputFolder(claiming: folder, isOwn: isOwn) }
      #expect(try regularFiles(below: folder) == ["own"])
    }
  }

  @Test(arguments: ["thesis", "own"]) func aStagedFolderOfTheUsersStays(name: String) throws {
    try withFolder { folder in
      try write("mine", folder + "/a.partial/deep/\(name)")
      #expect(throws: FileError.self) { try OutputFolder(staging: folder + "/a", isOwn: isOwn) }
      try write("mine", folder + "/b.partial")
      #expect(throws: FileError.self) { try OutputFolder(staging: folder + "/b", isOwn: isOwn) }
      #expect(try regularFiles(below: folder) == ["a.partial/deep/\(name)", "b.partial"])
    }
  }

  @Test func aStagedFolderIsPublishedOrKept() throws {
    try withFolder { folder in
      let output = folder + "/a"
      do {
        let staged = try OutputFolder(staging: output, isOwn: isOwn)
        try write("one", staged.path + "/own")
        try write("precious", output + "/x")
        #expect(throws: FileError.self) { try staged.publish(replacing: nil) }
      }
      #expect(text(output + "/x") == "precious")
      #expect(text(output + ".partial/own") == "one")
      try removeFile(output + "/x")
      do {
        let staged = try OutputFolder(staging: output, isOwn: isOwn)
        try staged.publish(replacing: nil)
        // Also where the process is killed now: nothing says that the folder is unfinished.
        #expect(try regularFiles(below: folder) == ["a/own"])
        withExtendedLifetime(staged) {}
      }
      #expect(try regularFiles(below: folder) == ["a/own"])
    }
  }

  @Test func onlyOwnFilesAreReplaced() throws {
    try withFolder { folder in
      let output = folder + "/a"
      try write("old", output + "/own/1")
      try write("mine", output + "/own/../notes")
      do {
        let staged = try OutputFolder(staging: output, isOwn: isOwn)
        try write("new", staged.path + "/own2")
        #expect(throws: FileError.self) { try staged.publish(replacing: isOwn) }
        #expect(text(output + "/own/1") == "old")
        try removeFile(output + "/notes")
        try staged.publish(replacing: isOwn)
        #expect(try regularFiles(below: output) == ["own2"])
        withExtendedLifetime(staged) {}
      }
      #expect(try regularFiles(below: folder) == ["a/own2"])
    }
  }
}
