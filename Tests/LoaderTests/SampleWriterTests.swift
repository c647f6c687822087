import Experiment
import Loader
import Tensors
import Testing

@Suite struct SampleWriterTests {
  /// A batch of noise, written with or without streaming, twice in a row into the same memory.
  private func batch(_ layout: BatchLayout, counts: [Int], streaming: Bool) throws -> [Float] {
    let writer = SampleWriter(
      layout: layout, normalization: try PixelScaling(.imagenet), streaming: streaming)
    let buffer = try AlignedBuffer(count: layout.elementCount)
    var state: UInt32 = 7
    for count in counts {
      writer.begin(buffer.pointer)
      for _ in 0..<count {
        let pixels = (0..<layout.shape.elementCount).map { _ -> UInt8 in
          state = state &* 1_664_525 &+ 1_013_904_223
          return UInt8(truncatingIfNeeded: state >> 24)
        }
        writer.write(pixels, placement: .identity)
      }
      writer.finish()
    }
    return Array(UnsafeBufferPointer(start: buffer.pointer, count: layout.elementCount))
  }

  @Test(arguments: [(1, 1), (5, 7), (16, 32), (19, 33), (9, 200)], [0, 1, 3])
  func streamingChangesNoValue(size: (batch: Int, side: Int), padding: Int) throws {
    let shape = ImageShape(channels: 3, height: size.side, width: size.side)
    let layout = BatchLayout.paddedRows(batchSize: size.batch, shape: shape, padding: padding)
    // A full batch, then a partial one, whose empty places must be zero again.
    let counts = [size.batch, (size.batch + 1) / 2]
    let plain = try batch(layout, counts: counts, streaming: false)
    #expect(try plain == batch(layout, counts: counts, streaming: true))
    #expect(plain.contains { $0 != 0 })
  }
}
