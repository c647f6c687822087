import Archives
import CArchive
import Foundation
import Testing

@Suite struct ArchiveReaderTests {
  enum Kind: String, CaseIterable { case tar, tgz, zip }

  struct Item {
    var path: String
    var content: [UInt8] = []
    var link: String?
  }

  /// Writes an archive with libarchive itself and lends its path.
  private func withArchive(
    _ kind: Kind, _ items: [Item], _ body: (String) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).\(kind)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let archive = archive_write_new()!
    switch kind {
    case .tar: archive_write_set_format_ustar(archive)
    case .tgz:
      archive_write_set_format_ustar(archive)
      archive_write_add_filter_gzip(archive)
    case .zip: archive_write_set_format_zip(archive)
    }
    archive_write_open_filename(archive, path)
    for item in items {
      let entry = archive_entry_new()!
      archive_entry_copy_pathname(entry, item.path)
      archive_entry_set_perm(entry, 0o644)
      if let link = item.link {
        archive_entry_set_filetype(entry, 0o120000)
        archive_entry_copy_symlink(entry, link)
      } else {
        archive_entry_set_filetype(entry, item.path.hasSuffix("/") ? 0o040000 : 0o100000)
        archive_entry_set_size(entry, Int64(item.content.count))
      }
      archive_write_header(archive, entry)
      _ = item.content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
      archive_entry_free(entry)
    }
    archive_write_free(archive)
    try body(path)
  }

  private func contents(
    _ path: String, _ limits: ArchiveLimits = ArchiveLimits()
  ) throws -> [String: [UInt8]?] {
    let reader = try ArchiveReader(path: path, limits: limits)
    var found: [String: [UInt8]?] = [:]
    while let entry = try reader.next() {
      let content = entry.refusal == nil ? try reader.content().map(Array.init) : nil
      found.updateValue(content, forKey: String(decoding: entry.path, as: UTF8.self))
    }
    return found
  }

  @Test(arguments: Kind.allCases)
  func filesComeWithTheirBytes(kind: Kind) throws {
    let large = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let items = [
      Item(path: "faces/"), Item(path: "./faces/a.jpg", content: [1, 2, 3]),
      Item(path: "faces//b.jpg", content: large), Item(path: "faces/é.jpg", content: [4]),
      Item(path: "__MACOSX/faces/._a.jpg", content: [5]), Item(path: "faces/._b.jpg"),
      Item(path: ".DS_Store", content: [6]), Item(path: "empty.jpg"),
    ]
    try withArchive(kind, items) { path in
      let found = try contents(path)
      #expect(
        found == [
          "faces/a.jpg": [1, 2, 3], "faces/b.jpg": large, "faces/é.jpg": [4], "empty.jpg": [],
        ])
    }
  }

  @Test(arguments: [Kind.tar, .zip])
  func pathsAndLinksThatLeadOutside(kind: Kind) throws {
    let items = [
      Item(path: "../up.jpg", content: [1]), Item(path: "a/../../up.jpg", content: [1]),
      Item(path: "/etc/x.jpg", content: [1]), Item(path: "link.jpg", link: "/etc/passwd"),
      Item(path: "good.jpg", content: [7]),
    ]
    try withArchive(kind, items) { path in
      let found = try contents(path)
      #expect(found.compactMapValues { $0 } == ["good.jpg": [7]])
      #expect(found.count == 5)
    }
  }

  @Test(arguments: [Kind.tgz, .zip])
  func bombsEndInASentence(kind: Kind) throws {
    try withArchive(kind, [Item(path: "a.jpg", content: [UInt8](repeating: 0, count: 4 << 20))]) {
      path in
      var limits = ArchiveLimits()
      limits.ratioFloor = 1 << 20
      #expect(throws: ArchiveError.self) { try contents(path, limits) }
      limits = ArchiveLimits()
      limits.totalByteCount = 1 << 20
      #expect(throws: ArchiveError.self) { try contents(path, limits) }
      limits = ArchiveLimits()
      limits.entryByteCount = 1 << 20
      let found = try contents(path, limits)
      #expect(found == ["a.jpg": nil])
    }
  }

  /// An archive that was cut anywhere gives all of its files or an error.
  @Test(arguments: Kind.allCases)
  func cutsAreNoticed(kind: Kind) throws {
    let items = (0..<20).map {
      Item(path: "\($0).jpg", content: (0..<700).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) })
    }
    try withArchive(kind, items) { path in
      let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      for count in stride(from: 0, to: whole.count - 1024, by: 256) {
        try Data(whole[..<count]).write(to: URL(fileURLWithPath: path))
        let found = try? contents(path)
        #expect(found == nil || found?.count == 20, "\(count) of \(whole.count) bytes")
      }
    }
  }
}
