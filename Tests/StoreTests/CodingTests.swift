import CBlosc
import Checksums
import Experiment
import Foundation
import Store
import Testing

@Suite struct CodingTests {
  @Test(arguments: [8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 50, 64, 100, 200])
  func everySizeComesBack(size: Int) throws {
    for codec in PixelCodec.allCases {
      let layout = try ImageLayout(size: size, samplesPerShard: 1, codec: codec)
      let encoder = SampleEncoder(layout: layout)
      let decoder = SampleDecoder(layout: layout)
      // Noise 255 is incompressible, noise 0 is all runs.
      for noise: UInt8 in [0, 20, 255] {
        let pixels = testImage(size: size, seed: UInt64(size), noise: noise)
        var decoded = [UInt8](repeating: 1, count: pixels.count)
        #expect(decoder.decode(encoder.encode(pixels), into: &decoded) == nil)
        #expect(decoded == pixels)
      }
    }
  }

  @Test(arguments: [(3, 5), (8, 8), (16, 40), (20, 24), (37, 19), (64, 1), (1, 64)])
  func filterFollowsItsDefinition(width: Int, height: Int) {
    var random = SplitMix64(seed: 7)
    let pixels = (0..<3 * width * height).map { _ in UInt8.random(in: 0...255, using: &random) }
    var filtered = [UInt8](repeating: 0, count: pixels.count)
    var rows = [UInt8](repeating: 0, count: 2 * (width + 48))
    PredictiveFilter.encode(
      pixels, width: width, height: height, into: &filtered, scratch: &rows)
    #expect(filtered == reference(pixels, width, height))

    let scratch = PredictiveFilter.DecodeScratch(width: width, height: height)
    scratch.residuals.update(from: filtered, count: filtered.count)
    var decoded = [UInt8](repeating: 0, count: pixels.count)
    PredictiveFilter.decode(scratch, into: &decoded)
    #expect(decoded == pixels)
  }

  /// The filter, pixel by pixel.
  private func reference(_ pixels: [UInt8], _ width: Int, _ height: Int) -> [UInt8] {
    let count = width * height
    let red = pixels[0..<count].map(Int.init)
    let green = pixels[count..<2 * count].map(Int.init)
    let blue = pixels[(2 * count)...].map(Int.init)
    let planes = [
      green, (0..<count).map { (red[$0] - green[$0] + 128 + 256) % 256 },
      (0..<count).map { (blue[$0] - green[$0] + 128 + 256) % 256 },
    ]
    return planes.flatMap { plane in
      (0..<count).map { i -> UInt8 in
        let (y, x) = i.quotientAndRemainder(dividingBy: width)
        let west = x > 0 ? plane[i - 1] : 0
        let north = y > 0 ? plane[i - width] : 0
        let corner = x > 0 && y > 0 ? plane[i - width - 1] : 0
        let guess = [west, north, west + north - corner].sorted()[1]
        let e = Int(Int8(truncatingIfNeeded: plane[i] - guess))
        return UInt8(truncatingIfNeeded: e >= 0 ? 2 * e : -2 * e - 1)
      }
    }
  }

  @Test func agreesWithIndependentCode() throws {
    let golden = try Golden()
    var filtered = [UInt8](repeating: 0, count: golden.pixels.count)
    var rows = [UInt8](repeating: 0, count: 2 * (golden.width + 48))
    PredictiveFilter.encode(
      golden.pixels, width: golden.width, height: golden.height, into: &filtered, scratch: &rows)
    #expect(filtered == golden.filtered)

    var decoded = [UInt8](repeating: 0, count: golden.filtered.count)
    let problem = golden.blosc.withUnsafeBytes { chunk in
      decoded.withUnsafeMutableBytes {
        BloscChunk.Decoder(byteCount: golden.filtered.count).decode(chunk, into: $0.baseAddress!)
      }
    }
    #expect(problem == nil)
    #expect(decoded == golden.filtered)
  }

  private struct Golden {
    let width: Int
    let height: Int
    let pixels: [UInt8]
    let filtered: [UInt8]
    let blosc: [UInt8]

    init() throws {
      let url = try #require(
        Bundle.module.url(forResource: "filter", withExtension: "json", subdirectory: "Golden"))
      let json = try Data(contentsOf: url).withUnsafeBytes { try JSONValue.decoded($0) }
      func bytes(_ key: String) throws -> [UInt8] {
        let digits = Array(try #require(json[key]?.stringValue).utf8)
        return try stride(from: 0, to: digits.count, by: 2).map {
          try #require(UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16))
        }
      }
      width = try #require(json["width"]?.intValue)
      height = try #require(json["height"]?.intValue)
      pixels = try bytes("pixels")
      filtered = try bytes("filtered")
      blosc = try bytes("blosc")
    }
  }

  /// What we write, Blosc itself reads: at lengths that bitshuffle takes and at others, around the
  /// size from which planes have a compressor of their own, and beyond the reach of a distance.
  @Test(
    arguments: [
      1, 7, 8, 9, 100, 128, 3072, 7500, 32_768, 32_775, 32_776, 120_000, 262_147, 786_432,
    ]
  )
  func bloscReadsOurChunks(count: Int) {
    let encoder = BloscChunk.Encoder(byteCount: count, level: 4)
    var chunk = [UInt8](repeating: 0, count: BloscChunk.bound(count))
    // A period of 65,536 in a plane: the distance that 16 bits cannot tell from none.
    let contents: [(String, (Int, inout SplitMix64) -> UInt8)] = [
      ("four bits", { _, random in UInt8.random(in: 0...15, using: &random) }),
      ("noise", { _, random in UInt8.random(in: 0...255, using: &random) }),
      ("rare ones", { _, random in UInt8.random(in: 0...40, using: &random) == 0 ? 1 : 0 }),
      ("zeros", { _, _ in 0 }),
      (
        "a far period",
        { i, _ in UInt8(truncatingIfNeeded: Checksums.SplitMix64.mix(UInt64(i % 524_288))) }
      ),
      (
        "a near period",
        { i, _ in UInt8(truncatingIfNeeded: Checksums.SplitMix64.mix(UInt64(i % 4_104))) }
      ),
    ]
    for (name, content) in contents {
      var random = SplitMix64(seed: 3)
      let input = (0..<count).map { content($0, &random) }
      let size = chunk.withUnsafeMutableBytes { buffer in
        input.withUnsafeBytes { encoder.encode($0.baseAddress!, into: buffer) }
      }
      var output = [UInt8](repeating: 1, count: count)
      let read = chunk[..<size].withUnsafeBytes { chunk in
        blosc_decompress_ctx(chunk.baseAddress, &output, count, 1)
      }
      #expect(read == Int32(count), "\(name)")
      #expect(output == input, "\(name)")
      #expect(size <= count + 64, "\(name)")
    }
  }

  /// What Blosc itself makes of LZ4, we read: items of every width, blocks split and whole,
  /// shuffled and not, and lengths at which it leaves something out.
  @Test(arguments: [1, 2, 3, 4, 8, 16, 17, 64, 255], ["lz4", "lz4hc", "zlib"])
  func weReadBloscsChunks(itemByteCount: Int, compressor: String) {
    var random = SplitMix64(seed: 5)
    for count in [1, 7, 130, 4_096, 65_536, 100_001, 1_500_000] {
      for (shuffle, level) in [(0, 9), (1, 9), (2, 9), (1, 1), (2, 5), (1, 0)] {
        let input = (0..<count).map { i in
          i % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8(i / 1000 % 7)
        }
        var chunk = [UInt8](repeating: 0, count: count + Int(BLOSC_MAX_OVERHEAD))
        let size = blosc_compress_ctx(
          Int32(level), Int32(shuffle), itemByteCount, count, input, &chunk, chunk.count,
          compressor, 0, 1)
        var output = [UInt8](repeating: 1, count: count)
        let problem = chunk[..<Int(size)].withUnsafeBytes { chunk in
          output.withUnsafeMutableBytes {
            BloscChunk.Decoder(byteCount: count).decode(chunk, into: $0.baseAddress!)
          }
        }
        if compressor == "zlib" {
          #expect(problem?.contains("not one of LZ4") == true)
        } else {
          #expect(problem == nil, "\(count) bytes, shuffle \(shuffle), level \(level)")
          #expect(output == input, "\(count) bytes, shuffle \(shuffle), level \(level)")
        }
      }
    }
  }

  /// An encoder's history must not show in its output, or the store would depend on threads.
  @Test(arguments: [(32, 200), (128, 20)])
  func encodingDependsOnNothingBefore(size: Int, count: Int) throws {
    let layout = try ImageLayout(size: size, samplesPerShard: 1, codec: .predictive)
    let used = SampleEncoder(layout: layout)
    for seed in 0..<count {
      let pixels = testImage(size: size, seed: UInt64(seed % 50), noise: UInt8(seed))
      let fresh = SampleEncoder(layout: layout)
      let isSame = withExtendedLifetime(fresh) {
        fresh.encode(pixels).elementsEqual(used.encode(pixels))
      }
      #expect(isSame, "image \(seed)")
    }
  }

  /// Every damaged byte, and every missing one, is noticed.
  @Test func everyFlipIsNoticed() throws {
    let layout = try ImageLayout(size: 8, samplesPerShard: 1, codec: .predictive)
    let chunk = Array(SampleEncoder(layout: layout).encode(testImage(size: 8, seed: 1)))
    let decoder = SampleDecoder(layout: layout)
    var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
    for place in chunk.indices {
      var damaged = chunk
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(damaged.withUnsafeBytes { decoder.decode($0, into: &pixels) } != nil)
      let short = Array(chunk[..<place])
      #expect(short.withUnsafeBytes { decoder.decode($0, into: &pixels) } != nil)
    }
  }

  /// With a checksum made to fit, the chunk itself must still not be trusted.
  @Test func hostileChunksAreRefused() throws {
    let layout = try ImageLayout(size: 8, samplesPerShard: 1, codec: .predictive)
    let chunk = Array(
      SampleEncoder(layout: layout).encode(testImage(size: 8, seed: 1)).dropLast(4))
    let decoder = BloscChunk.Decoder(byteCount: layout.sampleByteCount)
    var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
    var refused = 0
    for place in 0..<24 {
      for value: UInt8 in [0, 1, 0x7f, 0xff] where chunk[place] != value {
        var hostile = chunk
        hostile[place] = value
        let problem = hostile.withUnsafeBytes { bytes in
          pixels.withUnsafeMutableBytes { decoder.decode(bytes, into: $0.baseAddress!) }
        }
        refused += problem == nil ? 0 : 1
      }
    }
    // A few values are harmless, such as a block list that still points into the chunk.
    #expect(refused > 70)
  }

  @Test func checksumsAreTheStandardOnes() {
    // RFC 3720, appendix B.4, and the usual check value; FIPS 180-4's example.
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32C.checksum($0) } == 0xe306_9283)
    #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes { CRC32C.checksum($0) } == 0x8a91_36aa)
    #expect(
      Array("abc".utf8).withUnsafeBytes { SHA256Digest.hex(of: $0) }
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
