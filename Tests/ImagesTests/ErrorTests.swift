import Images
import Testing

@Suite struct ErrorTests {
  /// A golden file, changed.
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let file: String
    let reason: ImageError.Reason
    let change: @Sendable (inout [UInt8]) -> Void

    init(
      _ description: String, _ file: String, _ reason: ImageError.Reason,
      _ change: @escaping @Sendable (inout [UInt8]) -> Void
    ) {
      self.description = description
      self.file = file
      self.reason = reason
      self.change = change
    }
  }

  static let cases = [
    Case("empty", "420.jpg", .notAnImage) { $0 = [] },
    Case("two bytes", "420.jpg", .notAnImage) { $0 = Array($0.prefix(2)) },
    Case("text", "420.jpg", .notAnImage) { $0 = Array("404 not found".utf8) },
    Case("half a PNG signature", "png-2-8.png", .notAnImage) { $0 = Array($0.prefix(4)) },
    Case("JPEG signature alone", "420.jpg", .truncated) { $0 = Array($0.prefix(3)) },
    Case("half a JPEG", "420.jpg", .truncated) { $0 = Array($0.prefix($0.count / 2)) },
    Case("JPEG without its last byte of data", "420.jpg", .truncated) { $0.removeLast(3) },
    Case("half a progressive JPEG", "progressive.jpg", .truncated) {
      $0 = Array($0.prefix($0.count / 2))
    },
    Case("JPEG of twelve bits", "420.jpg", .corrupt) { $0[frameHeader(of: $0) + 4] = 12 },
    Case("JPEG of two channels", "420.jpg", .corrupt) { $0[frameHeader(of: $0) + 9] = 2 },
    Case("JPEG without height", "420.jpg", .corrupt) {
      let header = frameHeader(of: $0)
      $0[header + 5] = 0
      $0[header + 6] = 0
    },
    Case("JPEG of 65000 rows and columns", "420.jpg", .tooLarge) {
      let header = frameHeader(of: $0)
      for offset in [5, 7] {
        $0[header + offset] = 0xFD
        $0[header + offset + 1] = 0xE8
      }
    },
    Case("JPEG of 65535 rows and columns", "420.jpg", .tooLarge) {
      let header = frameHeader(of: $0)
      for offset in 5...8 { $0[header + offset] = 0xFF }
    },
    Case("PNG signature alone", "png-2-8.png", .truncated) { $0 = Array($0.prefix(8)) },
    Case("PNG inside its header", "png-2-8.png", .truncated) { $0 = Array($0.prefix(20)) },
    Case("half of a PNG", "png-2-8.png", .truncated) { $0 = Array($0.prefix($0.count / 2)) },
    Case("PNG header checksum", "png-2-8.png", .corrupt) { $0[20] ^= 1 },
    Case("PNG chunk type", "png-2-8.png", .corrupt) { $0[37] = 0x20 },
    Case("PNG of 2^31 rows", "png-2-8.png", .tooLarge) { sealHeader(&$0) { $0[4] = 0x80 } },
    Case("PNG of 50000 rows and columns", "png-2-8.png", .tooLarge) {
      sealHeader(&$0) { header in
        header.replaceSubrange(0..<8, with: [0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50])
      }
    },
    Case("PNG without columns", "png-2-8.png", .corrupt) { sealHeader(&$0) { $0[3] = 0 } },
    Case("PNG of three bits", "png-2-8.png", .corrupt) { sealHeader(&$0) { $0[8] = 3 } },
    Case("PNG with unknown filters", "png-2-8.png", .corrupt) { sealHeader(&$0) { $0[11] = 1 } },
    Case("PNG data that is no zlib stream", "png-2-8.png", .corrupt) { $0[41] = 0 },
    Case("PNG without data", "png-2-8.png", .corrupt) {
      $0.removeSubrange(33..<($0.count - 12))
    },
  ]

  @Test("Each fault has its reason and one line", arguments: cases)
  func faults(_ fault: Case) throws {
    var bytes = try Golden.bytes(fault.file)
    fault.change(&bytes)
    let error = try #require(failure(of: bytes), "\(fault)")
    #expect(error.reason == fault.reason, "\(error)")
    #expect(error.description.hasPrefix("25_0_1.jpg "))
    #expect(!error.description.contains("\n"))
    #expect(error.description.count < 250)
  }

  @Test(
    "Formats that are not read are named",
    arguments: [
      ("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ", "a WebP image"), ("GIF87a", "a GIF image"),
      ("BM\u{1}\u{2}\u{3}\u{4}\0\0\0\0", "a BMP image"), ("II*\0", "a TIFF image"),
      ("MM\0*", "a TIFF image"), ("\0\0\0\u{18}ftypavif", "an AVIF image"),
      ("\0\0\0\u{18}ftypheic", "a HEIC image"), ("8BPS", "a Photoshop (PSD) image"),
      ("<svg xmlns", "an SVG drawing"), ("%PDF-1.4", "a PDF document"),
      ("<html>not found", "an HTML page"),
    ])
  func otherFormats(start: String, title: String) throws {
    let error = try #require(failure(of: Array(start.utf8)))
    #expect(error.reason == .unsupported)
    #expect(
      error.description == "25_0_1.jpg is \(title): only JPEG and PNG are read; convert it")
  }

  @Test("Limits are the caller's", arguments: ["420.jpg", "png-2-8.png"])
  func limits(name: String) throws {
    let bytes = try Golden.bytes(name)
    #expect(failure(of: bytes, limits: ImageLimits(pixelCount: 10_000)) == nil)
    #expect(failure(of: bytes, limits: ImageLimits(pixelCount: 100))?.reason == .tooLarge)
    #expect(failure(of: bytes, limits: ImageLimits(dimension: 10))?.reason == .tooLarge)
  }

  @Test("No prefix of an image is mistaken for the whole, and none crashes")
  func prefixes() throws {
    for name in ["420.jpg", "progressive.jpg", "png-3-4-adam7.png"] {
      let bytes = try Golden.bytes(name)
      let whole = outcome(of: bytes)
      for count in 0..<bytes.count {
        let part = outcome(of: Array(bytes.prefix(count)))
        // All pixels may be there before the last bytes of the file are.
        #expect(part == ["reject"] || part == whole, "\(count) bytes of \(name)")
      }
    }
  }
}

/// Where the baseline frame header of a JPEG begins.
private func frameHeader(of bytes: [UInt8]) -> Int {
  bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 } ?? 0
}

/// Changes the 13 bytes of a PNG's header and makes its checksum right again.
private func sealHeader(_ bytes: inout [UInt8], _ change: (inout [UInt8]) -> Void) {
  var header = Array(bytes[16..<29])
  change(&header)
  bytes.replaceSubrange(16..<29, with: header)
  var checksum = UInt32.max
  for byte in bytes[12..<29] {
    checksum ^= UInt32(byte)
    for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  for i in 0..<4 { bytes[29 + i] = UInt8(truncatingIfNeeded: ~checksum >> UInt32(24 - 8 * i)) }
}
