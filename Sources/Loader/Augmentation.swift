/// Random changes of an image, each a pure function of (seed, epoch, sample).
package struct Augmentation: Equatable, Sendable {
  /// Mirrors half of the images left to right.
  package let horizontalFlip: Bool
  /// Pads each side with this many black pixels and cuts the image's size out at a random place;
  /// 0 for none.
  package let cropPadding: Int
  package let seed: UInt64

  /// - Throws: `LoaderOptionError` for a padding that is negative or beyond any image.
  package init(horizontalFlip: Bool, cropPadding: Int, seed: UInt64) throws(LoaderOptionError) {
    guard (0...1024).contains(cropPadding) else {
      throw LoaderOptionError("the crop padding must be 0 to 1024 pixels, got \(cropPadding)")
    }
    self.horizontalFlip = horizontalFlip
    self.cropPadding = cropPadding
    self.seed = seed
  }

  /// Where the pixels of one sample go: first the shift, then the flip.
  package struct Placement: Equatable, Sendable {
    package let flip: Bool
    /// The image's pixel (y + down, x + right) goes to (y, x); outside the image is black. Each is
    /// -padding to padding.
    package let right: Int
    package let down: Int

    package init(flip: Bool, right: Int, down: Int) {
      self.flip = flip
      self.right = right
      self.down = down
    }

    package static let identity = Placement(flip: false, right: 0, down: 0)
  }

  /// The placement of a sample in an epoch.
  package func placement(epoch: Int, sample: Int) -> Placement {
    let hash = KeyedHash.hash(
      seed: seed, purpose: KeyedHash.augmentationPurpose, UInt64(epoch), UInt64(sample))
    // Disjoint bits; a multiplication takes 24 of them to 0…2·padding with a bias below 2^-12.
    let choices = UInt64(2 * cropPadding + 1)
    return Placement(
      flip: horizontalFlip && hash >> 63 == 1,
      right: Int(((hash & 0xFF_FFFF) * choices) >> 24) - cropPadding,
      down: Int((((hash >> 24) & 0xFF_FFFF) * choices) >> 24) - cropPadding)
  }
}
