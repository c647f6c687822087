import Glibc

/// Writes uint8 samples into a batch of floats: placement, normalisation, layout. One per thread.
final class SampleWriter {
  private let layout: BatchLayout
  private let normalisation: Normalisation
  private let placed: UnsafeMutablePointer<UInt8>
  private let interleaved: UnsafeMutablePointer<UInt8>
  private let factors: UnsafeMutablePointer<Float>
  private let isInterleaved: Bool
  private let isPeriodic: Bool

  /// - Precondition: `normalisation` has a value for every channel of the layout.
  init(layout: BatchLayout, normalisation: Normalisation) {
    let channels = layout.shape.channels
    precondition(normalisation.scale.count == channels, "a factor for every channel")
    self.layout = layout
    self.normalisation = normalisation
    isInterleaved = layout.columnStride != 1
    isPeriodic = 24 % channels == 0
    placed = .allocate(capacity: layout.shape.elementCount)
    interleaved = .allocate(capacity: layout.shape.elementCount)
    factors = .allocate(capacity: 48)
    for index in 0..<24 {
      factors[index] = normalisation.scale[index % channels]
      factors[24 + index] = normalisation.bias[index % channels]
    }
  }

  deinit {
    placed.deallocate()
    interleaved.deallocate()
    factors.deallocate()
  }

  /// Writes one sample to its place in a batch.
  ///
  /// - Parameters:
  ///   - pixels: planar uint8, as many as the layout's shape has.
  ///   - index: the sample's place in the batch, below the batch size.
  ///   - batch: the floats of the whole batch.
  func write(
    _ pixels: UnsafePointer<UInt8>, placement: Augmentation.Placement, index: Int,
    into batch: UnsafeMutablePointer<Float>
  ) {
    precondition(index >= 0 && index < layout.batchSize, "a sample has its place in the batch")
    // SAFETY: the layout was checked to stay within the batch for every sample and row.
    var source = pixels
    if placement != .identity {
      place(pixels, placement)
      source = UnsafePointer(placed)
    }
    let target = batch + layout.origin + index * layout.sampleStride
    if isInterleaved {
      writeInterleaved(source, target)
    } else {
      writePlanes(source, target)
    }
  }

  /// Zeroes the values of the places from `count` on, where an earlier batch stood.
  func clear(from count: Int, in batch: UnsafeMutablePointer<Float>) {
    let shape = layout.shape
    let planes = isInterleaved ? 1 : shape.channels
    let rowCount = isInterleaved ? shape.width * shape.channels : shape.width
    for index in count..<layout.batchSize {
      for plane in 0..<planes {
        for row in 0..<shape.height {
          let start = layout.element(sample: index, channel: plane, row: row, column: 0)
          (batch + start).update(repeating: 0, count: rowCount)
        }
      }
    }
  }

  private func writePlanes(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
    let shape = layout.shape
    let plane = shape.height * shape.width
    for channel in 0..<shape.channels {
      let scale = normalisation.scale[channel]
      let bias = normalisation.bias[channel]
      let from = source + channel * plane
      let to = target + channel * layout.channelStride
      if layout.rowStride == shape.width {
        PixelKernels.normalise(from, into: to, count: plane, scale: scale, bias: bias)
      } else {
        for row in 0..<shape.height {
          PixelKernels.normalise(
            from + row * shape.width, into: to + row * layout.rowStride, count: shape.width,
            scale: scale, bias: bias)
        }
      }
    }
  }

  private func writeInterleaved(
    _ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>
  ) {
    let shape = layout.shape
    let plane = shape.height * shape.width
    let rowCount = shape.width * shape.channels
    // Bytes are interleaved first: a quarter of the traffic of interleaving floats.
    if shape.channels == 3 {
      PixelKernels.interleave3(source, into: interleaved, count: plane)
    } else {
      PixelKernels.interleave(source, into: interleaved, count: plane, channels: shape.channels)
    }
    for row in 0..<shape.height {
      let from = interleaved + row * rowCount
      let to = target + row * layout.rowStride
      if isPeriodic {
        PixelKernels.normalisePeriodic(from, into: to, count: rowCount, factors: factors)
      } else {
        for column in 0..<rowCount {
          let channel = column % shape.channels
          to[column] = normalisation.bias[channel].addingProduct(
            Float(from[column]), normalisation.scale[channel])
        }
      }
    }
  }

  /// Shifts and flips into `placed`.
  private func place(_ pixels: UnsafePointer<UInt8>, _ placement: Augmentation.Placement) {
    let (height, width) = (layout.shape.height, layout.shape.width)
    // Columns [left, right) of the shifted row come from the image, [left + shift, …) of its row.
    let left = min(max(0, -placement.right), width)
    let right = max(left, min(width, width - placement.right))
    let count = right - left
    for row in 0..<layout.shape.channels * height {
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
  }
}
