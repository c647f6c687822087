import Experiment
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

  /// The color of a place changes with its own draws, not with the others.
  @Test func drawsDoNotDependOnEachOther() throws {
    let plain = try Augmentation(horizontalFlip: true, cropPadding: 2, seed: 5)
    let all = try Augmentation(
      horizontalFlip: true, cropPadding: 2, cutout: 4, brightness: 0.4, contrast: 0.2, seed: 5)
    var covered = [Int](repeating: 0, count: 16)
    var sums: (brightness: Float, contrast: Float) = (0, 0)
    for sample in 0..<4000 {
      let (a, b) = (
        plain.placement(epoch: 1, sample: sample), all.placement(epoch: 1, sample: sample)
      )
      #expect(a.flip == b.flip && a.right == b.right && a.down == b.down)
      #expect(a.hole == nil && a.colors == .none)
      #expect(b == all.placement(epoch: 1, sample: sample))
      let hole = try #require(b.hole)
      // Around a pixel of the image: at least a quarter of the square is within.
      #expect((2...4).contains(hole.columns(of: 16).count))
      #expect((2...4).contains(hole.rows(of: 16).count))
      for column in hole.columns(of: 16) { covered[column] += 1 }
      #expect((0.6...1.4).contains(b.colors.brightness) && (0.8...1.2).contains(b.colors.contrast))
      sums.brightness += b.colors.brightness / 4000
      sums.contrast += b.colors.contrast / 4000
    }
    // A quarter of the squares covers a column that is not near an edge.
    #expect(covered[3..<14].allSatisfy { (850...1150).contains($0) })
    #expect(abs(sums.brightness - 1) < 0.02 && abs(sums.contrast - 1) < 0.01)
  }

  @Test func whatCannotBeDoneIsRefused() {
    for (cutout, brightness, contrast) in [(-1, 0.0, 0.0), (1025, 0, 0), (0, 1.1, 0), (0, 0, -0.1)]
    {
      #expect(throws: LoaderOptionError.self) {
        try Augmentation(
          horizontalFlip: false, cropPadding: 0, cutout: cutout, brightness: brightness,
          contrast: contrast, seed: 0)
      }
    }
  }

  /// Pillow 13 on pixels v(n) = (37·n² + 11·n) mod 256, n counted through three planes of 3×4:
  ///
  ///     ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(b)).enhance(c)
  @Test(
    arguments: [
      (
        0.5, 1,
        [
          0, 24, 85, 55, 62, 106, 59, 49, 76, 12, 113, 123, 42, 126, 119, 21, 88, 64, 77, 127, 86,
          82, 115, 57, 36, 52, 105, 67, 66, 102, 47, 29, 48, 104, 69, 71,
        ]
      ),
      (
        1.4, 1,
        [
          0, 67, 238, 154, 173, 255, 165, 137, 212, 33, 255, 255, 117, 255, 255, 58, 246, 179, 215,
          255, 240, 229, 255, 159, 100, 145, 255, 187, 184, 255, 131, 81, 134, 255, 193, 198,
        ]
      ),
      (
        1, 0.25,
        [
          113, 125, 155, 140, 144, 166, 142, 137, 151, 119, 169, 174, 134, 176, 172, 123, 157, 145,
          151, 176, 156, 154, 170, 141, 131, 139, 165, 146, 146, 164, 136, 127, 137, 165, 147, 148,
        ]
      ),
      (
        1, 1.75,
        [
          0, 0, 184, 79, 103, 255, 93, 58, 152, 0, 255, 255, 33, 255, 255, 0, 194, 110, 156, 255,
          187, 173, 255, 86, 12, 68, 254, 121, 117, 243, 51, 0, 54, 250, 128, 135,
        ]
      ),
      (
        1.3, 0.6,
        [
          72, 109, 204, 158, 169, 225, 164, 148, 190, 91, 225, 225, 137, 225, 225, 104, 209, 172,
          192, 225, 206, 200, 225, 161, 128, 153, 225, 176, 175, 225, 145, 117, 146, 225, 179, 182,
        ]
      ),
      (
        0.7, 1.5,
        [
          0, 0, 125, 62, 76, 169, 70, 49, 106, 0, 184, 205, 34, 211, 196, 0, 131, 80, 107, 212, 127,
          118, 188, 65, 22, 55, 167, 86, 85, 160, 44, 7, 47, 164, 91, 95,
        ]
      ),
      (
        0, 2,
        [
          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
          0, 0, 0, 0, 0, 0,
        ]
      ),
      (
        2, 0,
        [
          219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219,
          219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219, 219,
        ]
      ),
    ] as [(Float, Float, [UInt8])])
  func colorsArePillows(brightness: Float, contrast: Float, expected: [UInt8]) throws {
    let shape = ImageShape(channels: 3, height: 3, width: 4)
    let bytes = try PixelScaling(
      ChannelStatistics(mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255]))
    let writer = SampleWriter(layout: .nchw(batchSize: 1, shape: shape), normalization: bytes)
    let pixels = (0..<36).map { (n: Int) -> UInt8 in
      let value = 37 * n * n + 11 * n
      return UInt8(truncatingIfNeeded: value)
    }
    var placement = Augmentation.Placement.identity
    placement.colors = ColorChange(brightness: brightness, contrast: contrast)
    var batch = [Float](repeating: -1, count: 36)
    batch.withUnsafeMutableBufferPointer { batch in
      guard let base = batch.baseAddress else { return }
      writer.begin(base)
      writer.write(pixels, placement: placement)
      writer.finish()
    }
    #expect(batch.map { UInt8($0.rounded()) } == expected)
  }
}
