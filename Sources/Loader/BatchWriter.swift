/// Writes samples, one after the other, into the memory of a batch. One per thread.
protocol BatchWriter: AnyObject {
  /// Starts a batch; what was begun before is forgotten.
  func begin(_ batch: UnsafeMutablePointer<Float>)
  /// Adds the next sample, planar uint8.
  func write(_ pixels: UnsafePointer<UInt8>, placement: Augmentation.Placement)
  /// Ends the batch: places that no sample was given for become zero.
  func finish()
}

/// Writes samples as bytes into a dense layout.
final class ByteWriter: BatchWriter {
  private let layout: BatchLayout
  private let placer: SamplePlacer
  private let isInterleaved: Bool
  private var target: UnsafeMutablePointer<UInt8>?
  private var count = 0

  /// - Precondition: samples lie densely, one after the other.
  init(layout: BatchLayout) {
    precondition(
      layout.origin == 0 && layout.sampleStride == layout.shape.elementCount,
      "bytes are written into a dense layout")
    self.layout = layout
    placer = SamplePlacer(shape: layout.shape)
    isInterleaved = layout.columnStride != 1
  }

  func begin(_ batch: UnsafeMutablePointer<Float>) {
    target = UnsafeMutableRawPointer(batch).assumingMemoryBound(to: UInt8.self)
    count = 0
  }

  func write(_ pixels: UnsafePointer<UInt8>, placement: Augmentation.Placement) {
    precondition(count < layout.batchSize, "a batch holds its batch size of samples")
    guard let target else { preconditionFailure("a batch is begun before it is written") }
    let shape = layout.shape
    let source = placer.place(pixels, placement)
    let output = target + count * layout.sampleStride
    if isInterleaved {
      let plane = shape.height * shape.width
      if shape.channels == 3 {
        PixelKernels.interleave3(source, into: output, count: plane)
      } else {
        PixelKernels.interleave(source, into: output, count: plane, channels: shape.channels)
      }
    } else {
      output.update(from: source, count: shape.elementCount)
    }
    count += 1
  }

  func finish() {
    guard let target else { return }
    (target + count * layout.sampleStride).update(
      repeating: 0, count: (layout.batchSize - count) * layout.sampleStride)
  }
}
