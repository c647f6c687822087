import Images
import Testing

@Suite struct DecodingTests {
  @Test("Every kind of image becomes the bytes that Pillow gives, or is refused as there")
  func goldenImages() throws {
    let decoder = ImageDecoder()
    let table = try Golden.table("decode.tsv")
    #expect(table.count > 50)
    for row in table {
      let bytes = try Golden.bytes(row[0])
      #expect(outcome(of: bytes, with: decoder) == Array(row.dropFirst()), "\(row[0])")
    }
  }

  @Test("Damaged images are accepted and refused as by Pillow, with the same pixels")
  func damagedImages() throws {
    let decoder = ImageDecoder()
    for row in try Golden.table("damage.tsv") {
      var bytes = try Golden.bytes(row[0])
      let offset = try #require(Int(row[1]))
      bytes[offset] = try #require(UInt8(row[2]))
      #expect(
        outcome(of: bytes, with: decoder) == Array(row.dropFirst(3)),
        "\(row[0]) with \(row[2]) at byte \(offset)")
    }
  }

  @Test("An image without tables is not decoded with those of the image before it")
  func noStateBetweenImages() throws {
    let whole = try Golden.bytes("420.jpg")
    // Drop both quantization tables: markers FF DB with 67 bytes each.
    var bare = whole
    while let start = bare.indices.dropLast().first(where: {
      bare[$0] == 0xFF && bare[$0 + 1] == 0xDB
    }) {
      bare.removeSubrange(start..<(start + 69))
    }
    #expect(bare.count == whole.count - 138)
    let decoder = ImageDecoder()
    #expect(outcome(of: bare, with: decoder) == ["reject"])
    #expect(outcome(of: whole, with: decoder) != ["reject"])
    #expect(outcome(of: bare, with: decoder) == ["reject"])
  }

  @Test("Small images after a large one are still right")
  func bufferReuse() throws {
    let decoder = ImageDecoder()
    let large = try PNGWriter.encode(RGBImage(width: 2_000, height: 1_500, color: .white))
    let small = try Golden.bytes("444.jpg")
    let expected = outcome(of: small)
    #expect(outcome(of: large, with: decoder)[0] == "2000")
    #expect(outcome(of: small, with: decoder) == expected)
  }

  @Test func decodeOnlyCountsPixels() throws {
    let bytes = try Golden.bytes("420.jpg")
    let count = try bytes.withUnsafeBytes { try ImageDecoder().decodeOnly($0, name: "test") }
    #expect(count == 37 * 29)
  }
}
