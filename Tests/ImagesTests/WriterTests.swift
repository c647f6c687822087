import Images
import Testing

@Suite struct WriterTests {
  static func picture(width: Int, height: Int) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        image[x, y] = RGBColor(UInt8(x * 3 % 256), UInt8(y * 5 % 256), UInt8((x + y) % 256))
      }
    }
    return image
  }

  static func decode(_ bytes: [UInt8]) throws -> RGBImage {
    let decoder = ImageDecoder()
    return try bytes.withUnsafeBytes { RGBImage(try decoder.decode($0, name: "written")) }
  }

  @Test("A PNG that was written reads back the same", arguments: [(1, 1), (37, 5), (200, 200)])
  func pngRoundTrip(size: (Int, Int)) throws {
    let image = Self.picture(width: size.0, height: size.1)
    #expect(try Self.decode(PNGWriter.encode(image)) == image)
  }

  @Test(
    "A JPEG that was written reads back nearly the same", arguments: [(1, 1), (37, 5), (90, 64)])
  func jpegRoundTrip(size: (Int, Int)) throws {
    let image = Self.picture(width: size.0, height: size.1)
    let read = try Self.decode(JPEGWriter(quality: 95, subsampling: .none).encode(image))
    #expect(read.width == image.width && read.height == image.height)
    let errors = zip(read.pixels, image.pixels).map { abs(Int($0) - Int($1)) }
    #expect(Double(errors.reduce(0, +)) / Double(errors.count) < 3)
  }

  @Test("Quality and subsampling change the size, and one writer is deterministic")
  func jpegOptions() throws {
    let image = Self.picture(width: 120, height: 90)
    let writer = JPEGWriter(quality: 90)
    let bytes = try writer.encode(image)
    _ = try writer.encode(Self.picture(width: 3, height: 3))
    #expect(try writer.encode(image) == bytes)
    #expect(try JPEGWriter(quality: 40).encode(image).count < bytes.count)
    #expect(try JPEGWriter(quality: 90, subsampling: .none).encode(image).count > bytes.count)
  }

  @Test("An output larger than the first buffer is whole")
  func largeJPEG() throws {
    let image = RGBImage(width: 400, height: 400)
    var noisy = image
    for i in noisy.pixels.indices { noisy.pixels[i] = UInt8(truncatingIfNeeded: i &* 7919 >> 5) }
    let bytes = try JPEGWriter(quality: 100, subsampling: .none).encode(noisy)
    #expect(bytes.count > 1 << 16)
    #expect(try Self.decode(bytes).width == 400)
  }

  @Test("Too large for JPEG is an error of one line")
  func tooLarge() throws {
    let error = #expect(throws: ImageEncodingError.self) {
      try JPEGWriter().encode(RGBImage(width: 70_000, height: 1))
    }
    #expect(error?.description.contains("70000x1") == true)
  }

  @Test("Text draws the pixels of its glyphs and is cut at the edges")
  func text() {
    var image = RGBImage(width: 20, height: 9)
    BitmapText.draw("I", into: &image, x: 0, y: 0)
    let lit = (0..<9).flatMap { y in
      (0..<20).compactMap { x in image[x, y] == .white ? [x, y] : nil }
    }
    // A stem of seven pixels with a serif of two at either end.
    #expect(lit.count == 11)
    #expect(lit.filter { $0[0] == 2 }.count == 7)
    BitmapText.draw("Überlang", into: &image, x: -4, y: -3, scale: 3)
    BitmapText.draw("~", into: &image, x: 18, y: 7)
    #expect(BitmapText.width(of: "abc", scale: 2) == 34)
    #expect(BitmapText.width(of: "") == 0)
  }

  @Test("A contact sheet holds its tiles magnified, in rows")
  func contactSheet() throws {
    var sheet = ContactSheet(tileSize: 8, columns: 3, magnification: 2)
    for index in 0..<4 {
      let color = RGBColor(UInt8(60 * index), 200, 10)
      sheet.add(RGBImage(width: 8, height: 8, color: color), caption: "\(index)\nline")
    }
    let image = try Self.decode(PNGWriter.encode(sheet.render()))
    #expect(image.width == 3 * (16 + 6) + 6)
    #expect(image[6, 6] == RGBColor(0, 200, 10) && image[21, 21] == RGBColor(0, 200, 10))
    #expect(image[22, 6] != RGBColor(0, 200, 10))
    #expect(image[28 + 22, 6] == RGBColor(120, 200, 10))
    let secondRow = 6 + 16 + 3 + 2 * BitmapText.lineHeight + 6
    #expect(image[6, secondRow] == RGBColor(180, 200, 10))
    #expect(image.pixels.contains(214))
  }

  @Test func emptyContactSheet() throws {
    #expect(try Self.decode(PNGWriter.encode(ContactSheet(tileSize: 8).render())).width > 0)
  }
}
