/// How a batch of images lies in memory for the network's first convolution.
///
/// The 7×7 kernel of stride 2 reads, for one output pixel, seven runs of 21 consecutive floats. To
/// make them so, rows of all samples lie together, colors are interleaved along the row, and the
/// three pixels of padding on every side are stored:
///
///     [height + 6] [batchCapacity] [(width + 6) · 3]      Float, normalized
///
/// The value of sample n, row y, column x, color c (0 red, 1 green, 2 blue) is at
///
///     ((y + 3) · batchCapacity + n) · rowStride + (x + 3) · 3 + c
///
/// Whoever allocates the memory makes the padding zero, once (`AlignedBuffer` is zeroed), and
/// no one writes it afterward. A smaller batch fills the first samples; strides stay the same, and
/// what the other samples hold is never read.
@usableFromInline
package struct InputLayout: Hashable, Sendable {
  /// Pixels of padding on each side of an image.
  @usableFromInline package static let padding = 3
  @usableFromInline package static let channelCount = 3

  /// How many samples there is room for.
  @usableFromInline package let batchCapacity: Int
  /// Rows of an image, without padding.
  @usableFromInline package let height: Int
  /// Pixels of an image's row, without padding.
  @usableFromInline package let width: Int

  /// - Precondition: all are at least 1 and small enough that their product is an `Int`.
  package init(batchCapacity: Int, height: Int, width: Int) {
    precondition(
      batchCapacity >= 1 && height >= 1 && width >= 1
        && batchCapacity <= 1 << 20 && height <= 1 << 14 && width <= 1 << 14,
      "no input of \(batchCapacity) samples of \(height)×\(width) pixels")
    self.batchCapacity = batchCapacity
    self.height = height
    self.width = width
  }

  /// Floats from a sample's row to the next sample's same row.
  @inlinable package var rowStride: Int {
    (width + 2 * InputLayout.padding) * InputLayout.channelCount
  }

  /// Floats to allocate for a batch.
  package var floatCount: Int { (height + 2 * InputLayout.padding) * batchCapacity * rowStride }

  /// The index of the red value of pixel (`row`, 0) of a sample; the row's `width · 3` values,
  /// interleaved, follow.
  @inlinable package func rowOffset(sample: Int, row: Int) -> Int {
    ((row + InputLayout.padding) * batchCapacity + sample) * rowStride
      + InputLayout.padding * InputLayout.channelCount
  }

  /// Copies the first `count` images of an [N][3][height][width] array into this layout. Padding is
  /// not touched.
  ///
  /// - Precondition: `count` is at most `batchCapacity`; `source` has `count · 3 · height · width`
  ///   floats and `destination` `floatCount`.
  package func pack(
    nchw source: UnsafePointer<Float>, count: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    precondition(count >= 0 && count <= batchCapacity, "\(count) images do not fit \(self)")
    let channels = InputLayout.channelCount
    let plane = height * width
    // SAFETY: n < count, y < height and x < width stay inside both arrays by their sizes above.
    for n in 0..<count {
      for y in 0..<height {
        let target = destination + rowOffset(sample: n, row: y)
        let row = source + n * channels * plane + y * width
        for x in 0..<width {
          for c in 0..<channels { target[x * channels + c] = row[c * plane + x] }
        }
      }
    }
  }

  /// Copies the first `count` images of a batch with left and right exchanged. Padding is not
  /// touched.
  ///
  /// - Precondition: `count` is at most `batchCapacity`; both have `floatCount` floats.
  package func mirror(
    _ source: UnsafePointer<Float>, count: Int, into destination: UnsafeMutablePointer<Float>
  ) {
    precondition(count >= 0 && count <= batchCapacity, "\(count) images do not fit \(self)")
    let channels = InputLayout.channelCount
    for n in 0..<count {
      for y in 0..<height {
        // SAFETY: the row's width · 3 values stay inside both arrays by their sizes above.
        let (from, to) = (
          source + rowOffset(sample: n, row: y), destination + rowOffset(sample: n, row: y)
        )
        for x in 0..<width {
          for c in 0..<channels { to[(width - 1 - x) * channels + c] = from[x * channels + c] }
        }
      }
    }
  }
}
