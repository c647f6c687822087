import Images
import Store

/// Makes photographs samples of a store: decoded, measured, resized and encoded. One per thread.
final class SampleMaker {
  /// - `chunk`: as a shard holds it, valid until the next sample is made.
  struct Sample {
    let measures: ImageMeasures
    let sums: ChannelSums
    let chunk: UnsafeRawBufferPointer
  }

  private let layout: ImageLayout
  private let decoder = ImageDecoder()
  private let measurer = ImageMeasurer()
  private let resampler: Resampler
  private let encoder: SampleEncoder
  private let pixels: UnsafeMutableBufferPointer<UInt8>

  init(layout: ImageLayout) {
    self.layout = layout
    resampler = Resampler(outputSize: layout.size)
    encoder = SampleEncoder(layout: layout)
    pixels = .allocate(capacity: layout.sampleByteCount)
  }

  deinit { pixels.deallocate() }

  /// - Parameter bytes: of an image file. An EXIF orientation is not applied: a store has what
  ///   Pillow's `convert` and `resize` give.
  func make(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> Sample {
    let image = try decoder.decode(bytes, name: "", upright: false)
    let measures = measurer.measure(image)
    resampler.resample(image, into: pixels)
    let planes = UnsafePointer(pixels.baseAddress!)
    return Sample(
      measures: measures, sums: ChannelSums(pixels: planes, size: layout.size),
      chunk: encoder.encode(planes))
  }
}
