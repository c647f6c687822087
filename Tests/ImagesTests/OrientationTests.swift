import Images
import Testing

@Suite struct OrientationTests {
  /// A JPEG of the golden folder with an EXIF block in front of its other segments.
  private func tagged(_ exif: [UInt8]) throws -> [UInt8] {
    let jpeg = try Golden.bytes("444.jpg")
    let segment = Array("Exif\0\0".utf8) + exif
    let length = segment.count + 2
    return jpeg.prefix(2) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + segment
      + jpeg.dropFirst(2)
  }

  private static func block(_ orientation: UInt8, isLittle: Bool) -> [UInt8] {
    isLittle
      ? Array("II*\0".utf8) + [
        8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0,
      ]
      : Array("MM\0*".utf8) + [
        0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
      ]
  }

  private func image(_ bytes: [UInt8], upright: Bool) throws -> RGBImage {
    let decoder = ImageDecoder()
    // The pixels are the decoder's.
    return try withExtendedLifetime(decoder) {
      try bytes.withUnsafeBytes {
        RGBImage(try decoder.decode($0, name: "test", upright: upright))
      }
    }
  }

  @Test("Each orientation is turned as Pillow's exif_transpose does", arguments: 1...8)
  func orientations(_ orientation: Int) throws {
    let stored = try image(Golden.bytes("444.jpg"), upright: true)
    let (w, h) = (stored.width, stored.height)
    // Where the shown pixel (x, y) is stored.
    let place: (Int, Int) -> (Int, Int) =
      switch orientation {
      case 1: { ($0, $1) }
      case 2: { (w - 1 - $0, $1) }
      case 3: { (w - 1 - $0, h - 1 - $1) }
      case 4: { ($0, h - 1 - $1) }
      case 5: { ($1, $0) }
      case 6: { ($1, h - 1 - $0) }
      case 7: { (w - 1 - $1, h - 1 - $0) }
      default: { (w - 1 - $1, $0) }
      }
    for isLittle in [true, false] {
      let bytes = try tagged(Self.block(UInt8(orientation), isLittle: isLittle))
      #expect(try image(bytes, upright: false) == stored)
      let shown = try image(bytes, upright: true)
      #expect([shown.width, shown.height] == (orientation >= 5 ? [h, w] : [w, h]))
      for y in 0..<shown.height {
        for x in 0..<shown.width {
          let (column, row) = place(x, y)
          #expect(shown[x, y] == stored[column, row])
        }
      }
    }
  }

  @Test("A PNG can have an orientation too")
  func png() throws {
    var bytes = try Golden.bytes("png-2-8.png")
    let block = Self.block(6, isLittle: false)
    // The checksum of an EXIF chunk is not asked for its orientation, but for the pixels.
    bytes.insert(
      contentsOf: [0, 0, 0, UInt8(block.count)] + Array("eXIf".utf8) + block + [0, 0, 0, 0], at: 33)
    #expect(bytes.withUnsafeBytes { ExifOrientation(of: $0) } == .quarterTurn)
  }

  @Test("No EXIF block crashes, and what is not valid counts as upright")
  func hostileBlocks() throws {
    let whole = Self.block(6, isLittle: false)
    for count in 0..<20 {
      let bytes = try tagged(Array(whole.prefix(count)))
      let orientation = bytes.withUnsafeBytes { ExifOrientation(of: $0) }
      #expect(orientation == (count >= 20 ? .quarterTurn : .upright), "\(count) bytes")
    }
    for offset in whole.indices {
      for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
        var changed = whole
        changed[offset] = value
        let bytes = try tagged(changed)
        _ = bytes.withUnsafeBytes { ExifOrientation(of: $0) }
      }
    }
    for value in [0, 9, 255] as [UInt8] {
      let bytes = try tagged(Self.block(value, isLittle: true))
      #expect(bytes.withUnsafeBytes { ExifOrientation(of: $0) } == .upright)
    }
    let jpeg = try tagged(whole)
    for count in 0..<60 {
      _ = jpeg.prefix(count).withUnsafeBytes { ExifOrientation(of: $0) }
    }
  }
}
