import Loader
import Testing

@Suite struct AugmentationTests {
  @Test func drawsArePureAndEven() throws {
    let augmentation = try Augmentation(horizontalFlip: true, cropPadding: 2, seed: 5)
    var flips = 0
    var counts: [String: Int] = [:]
    for sample in 0..<5000 {
      let placement = augmentation.placement(epoch: 3, sample: sample)
      #expect(placement == augmentation.placement(epoch: 3, sample: sample))
      #expect(abs(placement.right) <= 2 && abs(placement.down) <= 2)
      flips += placement.flip ? 1 : 0
      counts["\(placement.right) \(placement.down)", default: 0] += 1
    }
    #expect((2300...2700).contains(flips))
    #expect(counts.count == 25 && counts.values.allSatisfy { (130...270).contains($0) })
  }

  @Test func epochSampleAndSeedAllMatter() throws {
    func draws(seed: UInt64, epoch: Int) throws -> [Bool] {
      let augmentation = try Augmentation(horizontalFlip: true, cropPadding: 0, seed: seed)
      return (0..<200).map { augmentation.placement(epoch: epoch, sample: $0).flip }
    }
    #expect(
      try Set([draws(seed: 1, epoch: 0), draws(seed: 1, epoch: 1), draws(seed: 2, epoch: 0)]).count
        == 3)
  }

  @Test func nothingAskedForIsNothingDone() throws {
    let augmentation = try Augmentation(horizontalFlip: false, cropPadding: 0, seed: 5)
    #expect((0..<100).allSatisfy { augmentation.placement(epoch: 0, sample: $0) == .identity })
    #expect(throws: LoaderOptionError.self) {
      try Augmentation(horizontalFlip: false, cropPadding: -1, seed: 0)
    }
  }
}
