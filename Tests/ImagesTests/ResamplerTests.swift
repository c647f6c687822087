import Images
import Testing

@Suite struct ResamplerTests {
  /// The formula of make_golden.py: a multiplicative hash of the byte's number.
  static func pattern(width: Int, height: Int) -> [UInt8] {
    (0..<(3 * width * height)).map {
      UInt8(truncatingIfNeeded: (UInt64($0) &* 2_654_435_761) >> 13)
    }
  }

  static func resample(_ pixels: [UInt8], width: Int, height: Int, with resampler: Resampler)
    -> [UInt8]
  {
    var planes = [UInt8](repeating: 0, count: resampler.outputByteCount)
    pixels.withUnsafeBufferPointer { pixels in
      planes.withUnsafeMutableBufferPointer { planes in
        guard let start = pixels.baseAddress else { return }
        resampler.resample(RGBView(pixels: start, width: width, height: height), into: planes)
      }
    }
    return planes
  }

  @Test("Sizes up and down, equal, tall and wide, are byte-identical to Pillow")
  func goldenSizes() throws {
    let table = try Golden.table("resize.tsv")
    #expect(table.count > 20)
    for row in table {
      let numbers = try row.prefix(3).map { try #require(Int($0)) }
      let (width, height, size) = (numbers[0], numbers[1], numbers[2])
      let planes = Self.resample(
        Self.pattern(width: width, height: height), width: width, height: height,
        with: Resampler(outputSize: size))
      #expect(fnv(planes) == row[3], "\(width)x\(height) to \(size)")
    }
  }

  @Test("A resampler that saw other sizes gives the same result")
  func reuse() throws {
    let resampler = Resampler(outputSize: 32)
    let rows = try Golden.table("resize.tsv").filter { $0[2] == "32" }
    for row in rows + rows.reversed() {
      let (width, height) = (try #require(Int(row[0])), try #require(Int(row[1])))
      let planes = Self.resample(
        Self.pattern(width: width, height: height), width: width, height: height, with: resampler)
      #expect(fnv(planes) == row[3], "\(width)x\(height)")
    }
  }

  @Test("One color stays that color", arguments: [1, 7, 32, 100], [0, 1, 128, 254, 255])
  func constant(size: Int, level: Int) {
    let pixels = [UInt8](repeating: UInt8(level), count: 3 * 53 * 41)
    let planes = Self.resample(
      pixels, width: 53, height: 41, with: Resampler(outputSize: size))
    #expect(planes.allSatisfy { $0 == UInt8(level) })
  }

  @Test("Many image sizes in a row do not change results")
  func tableEviction() {
    let resampler = Resampler(outputSize: 4)
    let first = Self.resample(
      Self.pattern(width: 9, height: 9), width: 9, height: 9, with: resampler)
    for width in 10..<400 {
      _ = Self.resample(
        Self.pattern(width: width, height: 3), width: width, height: 3, with: resampler)
    }
    let again = Self.resample(
      Self.pattern(width: 9, height: 9), width: 9, height: 9, with: resampler)
    #expect(first == again)
  }
}
