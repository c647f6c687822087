import Experiment
import Faces
import Foundation
import Store
import StoreBuilding
import Testing

/// Files that are left out of a store: why, how they are counted and listed, and how many may be.
@Suite struct RejectTests {
  /// Every reason that a file can be rejected for, with a file that is.
  static let rejects: [(String, [UInt8], RejectReason, Bool)] = [
    ("39_1_20170116174525125.jpg", goodFace, .fieldCount, false),
    ("53__0_20170116184028385.jpg", goodFace, .emptyField, false),
    ("x_1_0_20170116184028385.jpg", goodFace, .notANumber, false),
    ("117_1_0_20170116184028385.jpg", goodFace, .outOfRange, false),
    ("30_1_0_2017.jpg", goodFace, .irregularTimestamp, true),
    ("30_1_0_20170116184028385.jpg", Array("GIF89a".utf8), .unsupportedFormat, false),
    ("30_1_0_20170116184028388.jpg", Array("Not found".utf8), .notAnImage, false),
    ("30_1_0_20170116184028385.png", Array(goodFace.prefix(60)), .truncated, false),
    (
      "30_1_0_20170116184028386.png",
      pngHeader(width: 65_000, height: 65_000), .tooLarge, false
    ),
    ("30_1_0_20170116184028387.png", flipped(goodFace, at: 50), .corrupt, false),
  ]

  @Test(arguments: rejects)
  func aRejectIsCountedAndListed(
    name: String, bytes: [UInt8], reason: RejectReason, strict: Bool
  ) throws {
    try withFaces(count: 5, extra: [name: bytes]) { folder in
      let summary = try build(folder) { $0.strict = strict }
      #expect(summary.found == 6)
      #expect(summary.accepted == 5)
      #expect(summary.rejected == [reason: 1])
      let list = try String(contentsOfFile: "\(folder)/store.rejects.jsonl", encoding: .utf8)
      let line = try Array(list.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
      #expect(line["path"]?.stringValue == name)
      #expect(line["reason"]?.stringValue == reason.rawValue)
      #expect(line["message"]?.stringValue?.isEmpty == false)
    }
  }

  @Test func anUnreadableFileIsARejectWhereRejectsAreAllowed() throws {
    try withFaces(count: 5) { folder in
      let link = "\(folder)/faces/30_1_0_20170116184028385.jpg"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/nowhere")
      let error = #expect(throws: BuildError.self) { try build(folder) }
      #expect(error?.description.contains("--max-rejects") == true)
      #expect(!FileManager.default.fileExists(atPath: folder + "/store"))
      let summary = try build(folder) { $0.maxRejects = .count(1) }
      #expect(summary.rejected == [.unreadable: 1])
      #expect(summary.resumedSamples > 0)
    }
  }

  @Test func tooManyRejectsStopTheBuild() throws {
    let bad = Dictionary(
      uniqueKeysWithValues: (0..<4).map { ("x_\($0).jpg", [UInt8]()) })
    try withFaces(count: 6, extra: bad) { folder in
      #expect(throws: BuildError.self) { try build(folder) { $0.maxRejects = .count(3) } }
      #expect(throws: BuildError.self) { try build(folder) { $0.maxRejects = .percent(39) } }
      #expect(!FileManager.default.fileExists(atPath: folder + "/store"))
      let summary = try build(folder) { $0.maxRejects = .count(4) }
      #expect(summary.rejectedCount == 4)
    }
  }

  private static func flipped(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    var bytes = bytes
    bytes[place] ^= 0xff
    return bytes
  }

  /// A PNG that announces a size and has nothing else.
  private static func pngHeader(width: UInt32, height: UInt32) -> [UInt8] {
    var bytes = pngFile(width: 1, height: 1) { _, _, _ in 0 }
    for (offset, value) in [(16, width), (20, height)] {
      for i in 0..<4 { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * i)) }
    }
    // The checksum of IHDR, over its type and 13 bytes of data.
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes[12..<29] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    for i in 0..<4 { bytes[29 + i] = UInt8(truncatingIfNeeded: ~crc >> UInt32(24 - 8 * i)) }
    return bytes
  }
}
