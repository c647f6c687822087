import Glibc

/// Shifts and flips samples, in memory of its own. One per thread.
final class SamplePlacer {
  private let shape: ImageShape
  private let placed: UnsafeMutablePointer<UInt8>

  init(shape: ImageShape) {
    self.shape = shape
    placed = .allocate(capacity: shape.elementCount)
  }

  deinit { placed.deallocate() }

  /// The pixels where they go: `pixels` itself where nothing moves, else memory that is good until
  /// the next call.
  ///
  /// - Parameter pixels: planar uint8, as many as the shape has.
  func place(
    _ pixels: UnsafePointer<UInt8>, _ placement: Augmentation.Placement
  ) -> UnsafePointer<UInt8> {
    guard placement != .identity else { return pixels }
    let (height, width) = (shape.height, shape.width)
    // Columns [left, right) of the shifted row come from the image, the others are black.
    let left = min(max(0, -placement.right), width)
    let right = max(left, min(width, width - placement.right))
    let count = right - left
    for row in 0..<shape.channels * height {
      let target = placed + row * width
      let sourceRow = row % height + placement.down
      guard sourceRow >= 0, sourceRow < height, count > 0 else {
        target.update(repeating: 0, count: width)
        continue
      }
      let source = pixels + (row - row % height + sourceRow) * width + left + placement.right
      let start = placement.flip ? width - right : left
      if count < width {
        target.update(repeating: 0, count: start)
        (target + start + count).update(repeating: 0, count: width - start - count)
      }
      if placement.flip {
        PixelKernels.copyReversed(source, into: target + start, count: count)
      } else {
        memcpy(target + start, source, count)
      }
    }
    return UnsafePointer(placed)
  }
}
