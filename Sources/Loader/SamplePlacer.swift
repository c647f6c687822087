import Glibc

/// Changes samples as their augmentation says, in memory of its own. One per thread.
final class SamplePlacer {
  private let shape: ImageShape
  private let placed: UnsafeMutablePointer<UInt8>
  private let colored: UnsafeMutablePointer<UInt8>

  init(shape: ImageShape) {
    self.shape = shape
    placed = .allocate(capacity: shape.elementCount)
    colored = .allocate(capacity: shape.elementCount)
  }

  deinit {
    placed.deallocate()
    colored.deallocate()
  }

  /// The pixels where they go: `pixels` itself where nothing changes, else memory that is good until
  /// the next call.
  ///
  /// - Parameter pixels: planar uint8, as many as the shape has.
  func place(
    _ pixels: UnsafePointer<UInt8>, _ placement: Augmentation.Placement
  ) -> UnsafePointer<UInt8> {
    guard placement != .identity else { return pixels }
    var pixels = pixels
    if placement.colors != .none {
      placement.colors.apply(to: pixels, into: colored, shape: shape)
      pixels = UnsafePointer(colored)
    }
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
    if let hole = placement.hole { blacken(hole) }
    return UnsafePointer(placed)
  }

  private func blacken(_ hole: Augmentation.Hole) {
    let columns = hole.columns(of: shape.width)
    for channel in 0..<shape.channels {
      for row in hole.rows(of: shape.height) {
        (placed + (channel * shape.height + row) * shape.width + columns.lowerBound)
          .update(repeating: 0, count: columns.count)
      }
    }
  }
}
