import CSystem
import Glibc

/// Writes uint8 samples, one after the other, into a batch of floats: placement, normalization,
/// layout. One per thread.
///
/// In an interleaved layout the rows of one sample are far apart and those of neighboring samples
/// side by side. So samples are gathered in groups, and the batch is written row by row of a group:
/// at 200 pixels that is half as fast again as sample by sample.
package final class SampleWriter: BatchWriter {
  private let layout: BatchLayout
  private let normalization: PixelScaling
  private let isInterleaved: Bool
  /// A row of the group's samples and the zeros between them, before it is streamed; nil where rows
  /// are written in place.
  private let staging: UnsafeMutablePointer<Float>?
  private let groupSize: Int
  private let placer: SamplePlacer
  /// Interleaved samples of a group.
  private let group: UnsafeMutablePointer<UInt8>
  /// 24 scales and 24 biases, repeating by channel.
  private let factors: UnsafeMutablePointer<Float>

  private var batch: UnsafeMutablePointer<Float>
  /// Samples given since `begin`, and how many of them are in the batch.
  private var count = 0
  private var writtenCount = 0

  /// - Parameter streaming: whether batches are written past the caches, which is three times faster
  ///   where they would not stay in them until they are read.
  /// - Precondition: `normalization` has a value for every channel of the layout.
  package init(layout: BatchLayout, normalization: PixelScaling, streaming: Bool = false) {
    let channels = layout.shape.channels
    precondition(normalization.scale.count == channels, "a factor for every channel")
    self.layout = layout
    self.normalization = normalization
    isInterleaved = layout.columnStride != 1
    // Nothing but zeros must lie between the rows of neighboring samples.
    let rowsAreNeighbors =
      layout.channelStride == 1 && layout.rowStride >= layout.batchSize * layout.sampleStride
    let isStaged = streaming && rowsAreNeighbors
    // Staged groups are smaller, as row and pixels of a group then stay in the second cache.
    groupSize = min(isStaged ? 8 : 16, layout.batchSize)
    if isStaged {
      let staging = UnsafeMutablePointer<Float>.allocate(
        capacity: groupSize * layout.sampleStride)
      staging.initialize(repeating: 0, count: groupSize * layout.sampleStride)
      self.staging = staging
    } else {
      staging = nil
    }
    placer = SamplePlacer(shape: layout.shape)
    group = .allocate(capacity: isInterleaved ? groupSize * layout.shape.elementCount : 1)
    factors = .allocate(capacity: 48)
    for index in 0..<24 {
      factors[index] = normalization.scale[index % channels]
      factors[24 + index] = normalization.bias[index % channels]
    }
    batch = factors
  }

  deinit {
    group.deallocate()
    factors.deallocate()
    staging?.deallocate()
  }

  /// Starts a batch; what was begun before is forgotten.
  ///
  /// - Parameter batch: the floats of the whole batch, in the layout.
  package func begin(_ batch: UnsafeMutablePointer<Float>) {
    self.batch = batch
    count = 0
    writtenCount = 0
  }

  /// Adds the next sample.
  ///
  /// - Parameter pixels: planar uint8, as many as the layout's shape has.
  package func write(_ pixels: UnsafePointer<UInt8>, placement: Augmentation.Placement) {
    precondition(count < layout.batchSize, "a batch holds its batch size of samples")
    // SAFETY: the layout was checked to stay within the batch for every sample and row.
    let source = placer.place(pixels, placement)
    if isInterleaved {
      let target = group + (count - writtenCount) * layout.shape.elementCount
      let plane = layout.shape.height * layout.shape.width
      // Bytes are interleaved, not floats: a quarter of the traffic.
      if layout.shape.channels == 3 {
        PixelKernels.interleave3(source, into: target, count: plane)
      } else {
        PixelKernels.interleave(
          source, into: target, count: plane, channels: layout.shape.channels)
      }
      count += 1
      if count - writtenCount == groupSize { writeGroup() }
    } else {
      writePlanes(source, batch + layout.origin + count * layout.sampleStride)
      count += 1
      writtenCount = count
    }
  }

  /// Ends the batch: places that no sample was given for become zero.
  package func finish() {
    if writtenCount < count { writeGroup() }
    if count < layout.batchSize { clear(from: count) }
    if staging != nil { system_stream_fence() }
  }

  private func writeGroup() {
    let shape = layout.shape
    let sampleCount = count - writtenCount
    let rowCount = shape.width * shape.channels
    for row in 0..<shape.height {
      let target =
        batch + layout.origin + writtenCount * layout.sampleStride + row * layout.rowStride
      for place in 0..<sampleCount {
        normalize(
          group + place * shape.elementCount + row * rowCount,
          into: (staging ?? target) + place * layout.sampleStride, count: rowCount)
      }
      if let staging {
        PixelKernels.stream(
          staging, into: target, count: (sampleCount - 1) * layout.sampleStride + rowCount)
      }
    }
    writtenCount = count
  }

  /// One row of interleaved pixels.
  private func normalize(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    let channels = layout.shape.channels
    if 24 % channels == 0 {
      PixelKernels.normalizePeriodic(source, into: target, count: count, factors: factors)
      return
    }
    for index in 0..<count {
      let channel = index % channels
      target[index] = normalization.bias[channel].addingProduct(
        Float(source[index]), normalization.scale[channel])
    }
  }

  private func writePlanes(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>) {
    let shape = layout.shape
    let plane = shape.height * shape.width
    for channel in 0..<shape.channels {
      let scale = normalization.scale[channel]
      let bias = normalization.bias[channel]
      let from = source + channel * plane
      let to = target + channel * layout.channelStride
      if layout.rowStride == shape.width {
        PixelKernels.normalize(from, into: to, count: plane, scale: scale, bias: bias)
      } else {
        for row in 0..<shape.height {
          PixelKernels.normalize(
            from + row * shape.width, into: to + row * layout.rowStride, count: shape.width,
            scale: scale, bias: bias)
        }
      }
    }
  }

  /// Zeroes the values of the places from `first` on, where an earlier batch stood.
  private func clear(from first: Int) {
    let shape = layout.shape
    let planes = isInterleaved ? 1 : shape.channels
    let rowCount = isInterleaved ? shape.width * shape.channels : shape.width
    for index in first..<layout.batchSize {
      for plane in 0..<planes {
        for row in 0..<shape.height {
          let start = layout.element(sample: index, channel: plane, row: row, column: 0)
          (batch + start).update(repeating: 0, count: rowCount)
        }
      }
    }
  }
}
