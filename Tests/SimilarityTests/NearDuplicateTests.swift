import Checksums
import Files
import Similarity
import Testing

@Suite struct NearDuplicateTests {
  private let spool = Spool(folder: "/nonexistent")

  /// `hash` with the bits of some places turned over.
  private func flipped(_ hash: UInt64, _ bits: some Sequence<Int>) -> UInt64 {
    bits.reduce(hash) { $0 ^ 1 << UInt64($1) }
  }

  @Test(arguments: [1, 3])
  func pairsWithinFourBitsAreFound(threads: Int) throws {
    var hashes: [UInt64] = []
    for i in 0..<500 {
      let hash = SplitMix64.mix(UInt64(i))
      let bits = Set((0..<4).map { Int(SplitMix64.mix(UInt64(1000 * i + $0)) % 64) })
      hashes += [hash, flipped(hash, bits)]
    }
    let pairs = try NearDuplicateSearch.candidates(
      SpooledList(hashes), threads: threads, spool: spool
    ).elements()
    #expect(pairs == pairs.sorted() && Set(pairs).count == pairs.count)
    for i in 0..<UInt32(500) {
      #expect(pairs.contains(NearDuplicateSearch.Pair(2 * i + 1, 2 * i)))
    }
    // Random hashes are far apart.
    #expect(pairs.count < 505)
  }

  @Test func manyEqualHashesCostNoSquare() throws {
    let hashes = [UInt64](repeating: 5, count: 20_000)
    let pairs = try NearDuplicateSearch.candidates(
      SpooledList(hashes), threads: 2, spool: Spool(folder: "/nonexistent", memory: 1 << 30))
    #expect(pairs.count < 20_000 * 128)
    var sets = DisjointSets(count: hashes.count)
    try pairs.forEachElement { sets.join($0.first, $0.second) }
    #expect(sets.size(ofGroupWith: 19_999) == 20_000)
  }

  private func signature(size: Int, _ value: (Int) -> Int) -> PixelSignature {
    PixelSignature(planes: (0..<3 * size * size).map { UInt8(value($0)) }, size: size)
  }

  @Test(arguments: [8, 32, 33, 64, 200])
  func correlationIsPearsons(size: Int) {
    let ramp = signature(size: size) { $0 % (size * size) / size * 255 / size }
    let half = signature(size: size) { $0 % (size * size) / size * 127 / size + 60 }
    let inverse = signature(size: size) { 255 - $0 % (size * size) / size * 255 / size }
    let flat = signature(size: size) { _ in 77 }
    #expect(abs(ramp.correlation(with: ramp) - 1) < 1e-12)
    #expect(ramp.correlation(with: half) > 0.999)
    #expect(ramp.correlation(with: inverse) < -0.999)
    #expect(ramp.correlation(with: flat) == 0)
  }

  @Test func pixelsDecide() throws {
    // Samples 0, 1 and 2 are one picture, 3 is another; 4 and 5 are identical files of a third.
    let pictures = [0, 0, 0, 1, 2, 2]
    var groups = NearDuplicateGroups { sample in
      self.signature(size: 32) {
        Int(SplitMix64.mix(UInt64($0 / 8 + 10_000 * pictures[Int(sample)])) % 200) + Int(sample)
      }
    }
    let all = (0..<UInt32(6)).flatMap { a in
      ((a + 1)..<6).map { NearDuplicateSearch.Pair(a, $0) }
    }
    var sets = DisjointSets(count: 6)
    sets.join(4, 5)
    let found = try groups.join(SpooledList(all), in: &sets)
    #expect(found == 2)
    #expect(sets.areJoined(0, 2) && sets.areJoined(1, 2))
    #expect(!sets.areJoined(2, 3) && !sets.areJoined(3, 4))
    #expect(sets.size(ofGroupWith: 0) == 3)
  }
}
