import Experiment
import Testing

@Suite struct SourceSampleTests {
  private func hashes(_ range: Range<Int>) -> [SourceHash] {
    range.map { number in
      let words = (0..<4).map { word in (UInt64(number * 4 + word) &* 0x9e37_79b9_7f4a_7c15) }
      return words.withUnsafeBytes(SourceHash.init)
    }
  }

  @Test func aSmallSplitIsCountedExactly() throws {
    let sample = SourceSample(of: hashes(0..<100))
    #expect(sample.isWhole)
    #expect(sample.overlap(with: hashes(90..<300)) == 10)
    #expect(sample.overlap(with: hashes(0..<100)) == 100)
    #expect(sample.overlap(with: hashes(100..<300)) == 0)
    #expect(SourceSample(text: sample.text) == sample)
  }

  @Test func aLargeSplitIsEstimated() {
    let sample = SourceSample(of: hashes(0..<20_000))
    #expect(sample.prefixes.count == SourceSample.limit && !sample.isWhole)
    let estimate = sample.overlap(with: hashes(18_000..<40_000))
    #expect((1200...2800).contains(estimate), "\(estimate)")
    #expect(sample.overlap(with: hashes(20_000..<40_000)) == 0)
  }

  @Test(arguments: ["", "x", "-1", "3 zz", "3 1ffffffffffffffff"])
  func otherTextIsNotASample(_ text: String) {
    #expect(SourceSample(text: text) == nil)
  }

  @Test func hashesSortAsTheirDigits() {
    let list = hashes(0..<50)
    let sorted = list.sorted().map(\.bytes)
    #expect(sorted == list.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
  }
}
