/// Random changes of an image, each a pure function of (seed, epoch, sample).
package struct Augmentation: Equatable, Sendable {
  /// Mirrors half of the images left to right.
  package let horizontalFlip: Bool
  /// Pads each side with this many black pixels and cuts the image's size out at a random place;
  /// 0 for none.
  package let cropPadding: Int
  /// Side of a black square around a random pixel, which may reach beyond the image; 0 for none
  /// (DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout",
  /// 2017).
  package let cutout: Int
  /// Brightness and contrast are multiplied by random factors from 1 less to 1 more this much.
  package let brightness: Double
  package let contrast: Double
  package let seed: UInt64

  /// - Throws: `LoaderOptionError` for a padding or a square that is negative or beyond any image, and
  ///   for a brightness or contrast that is not from 0 to 1.
  package init(
    horizontalFlip: Bool, cropPadding: Int, cutout: Int = 0, brightness: Double = 0,
    contrast: Double = 0, seed: UInt64
  ) throws(LoaderOptionError) {
    guard (0...1024).contains(cropPadding) else {
      throw LoaderOptionError("the crop padding must be 0 to 1024 pixels, got \(cropPadding)")
    }
    guard (0...1024).contains(cutout) else {
      throw LoaderOptionError("the cutout must be 0 to 1024 pixels, got \(cutout)")
    }
    for (name, value) in [("brightness", brightness), ("contrast", contrast)]
    where !(0...1).contains(value) {
      throw LoaderOptionError("the change of \(name) must be 0 to 1, got \(value)")
    }
    self.horizontalFlip = horizontalFlip
    self.cropPadding = cropPadding
    self.cutout = cutout
    self.brightness = brightness
    self.contrast = contrast
    self.seed = seed
  }

  /// Whether there is anything to do.
  package var isActive: Bool {
    horizontalFlip || cropPadding > 0 || cutout > 0 || brightness > 0 || contrast > 0
  }

  /// What becomes of the pixels of one sample: first their colors, then the shift, the flip, and last
  /// the square.
  package struct Placement: Equatable, Sendable {
    package let flip: Bool
    /// The image's pixel (y + down, x + right) goes to (y, x); outside the image is black. Each is
    /// -padding to padding.
    package let right: Int
    package let down: Int
    package var hole: Hole?
    package var colors = ColorChange.none

    package init(flip: Bool, right: Int, down: Int) {
      self.flip = flip
      self.right = right
      self.down = down
    }

    package static let identity = Placement(flip: false, right: 0, down: 0)
  }

  /// A black square.
  package struct Hole: Equatable, Sendable {
    package let side: Int
    /// Its middle, in 2²⁴ths of the image's width and height.
    package let across: UInt64
    package let down: UInt64

    /// The columns or rows that it covers of `length`, when its middle is at `place` of them.
    private func covered(_ place: UInt64, of length: Int) -> Range<Int> {
      let start = Int((place * UInt64(length)) >> 24) - side / 2
      return (start..<start + side).clamped(to: 0..<length)
    }

    package func columns(of width: Int) -> Range<Int> { covered(across, of: width) }
    package func rows(of height: Int) -> Range<Int> { covered(down, of: height) }
  }

  /// The change of a sample in an epoch.
  package func placement(epoch: Int, sample: Int) -> Placement {
    func hash(_ purpose: UInt64) -> UInt64 {
      KeyedHash.hash(seed: seed, purpose: purpose, UInt64(epoch), UInt64(sample))
    }
    func low(_ hash: UInt64) -> UInt64 { hash & 0xFF_FFFF }
    func high(_ hash: UInt64) -> UInt64 { (hash >> 24) & 0xFF_FFFF }
    let places = hash(KeyedHash.augmentationPurpose)
    // Disjoint bits; a multiplication takes 24 of them to 0…2·padding with a bias below 2^-12.
    let choices = UInt64(2 * cropPadding + 1)
    var placement = Placement(
      flip: horizontalFlip && places >> 63 == 1,
      right: Int((low(places) * choices) >> 24) - cropPadding,
      down: Int((high(places) * choices) >> 24) - cropPadding)
    if cutout > 0 {
      let bits = hash(KeyedHash.cutoutPurpose)
      placement.hole = Hole(side: cutout, across: low(bits), down: high(bits))
    }
    if brightness > 0 || contrast > 0 {
      let bits = hash(KeyedHash.colorPurpose)
      func factor(_ width: Double, _ bits: UInt64) -> Float {
        Float(1 + width * (Double(bits) * 0x1p-23 - 1))
      }
      placement.colors = ColorChange(
        brightness: factor(brightness, low(bits)), contrast: factor(contrast, high(bits)))
    }
    return placement
  }
}
