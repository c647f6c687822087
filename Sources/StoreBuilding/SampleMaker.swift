import Images
import Store

/// Makes photographs samples of a store: decoded, measured, resized and encoded. One per thread.
///
/// Small samples are encoded several at a time: a decoder drives the 256 KiB of LZ4HC's tables out of
/// the cache, and bringing them back for each sample takes longer than the search in them.
final class SampleMaker {
  private let layout: ImageLayout
  private let decoder = ImageDecoder()
  private let measurer = ImageMeasurer()
  private let resampler: Resampler
  private let encoder: SampleEncoder
  /// Samples that can wait to be encoded.
  let capacity: Int
  private let pixels: UnsafeMutableBufferPointer<UInt8>

  init(layout: ImageLayout) {
    self.layout = layout
    resampler = Resampler(outputSize: layout.size)
    encoder = SampleEncoder(layout: layout)
    capacity = max(1, (1 << 17) / layout.sampleByteCount)
    pixels = .allocate(capacity: capacity * layout.sampleByteCount)
  }

  deinit { pixels.deallocate() }

  private func pixels(of place: Int) -> UnsafeMutableBufferPointer<UInt8> {
    let byteCount = layout.sampleByteCount
    return UnsafeMutableBufferPointer(
      rebasing: pixels[place * byteCount..<(place + 1) * byteCount])
  }

  /// Decodes, measures and resizes a photograph.
  ///
  /// - Parameters:
  ///   - bytes: of an image file. An EXIF orientation is not applied: a store has what Pillow's
  ///     `convert` and `resize` give.
  ///   - place: below `capacity`, where the pixels wait to be encoded.
  func decode(
    _ bytes: UnsafeRawBufferPointer, at place: Int
  ) throws(ImageError) -> (measures: ImageMeasures, sums: ChannelSums) {
    let image = try decoder.decode(bytes, name: "", upright: false)
    let measures = measurer.measure(image)
    let pixels = pixels(of: place)
    resampler.resample(image, into: pixels)
    return (measures, ChannelSums(pixels: pixels.baseAddress!, size: layout.size))
  }

  /// - Returns: the chunk of the sample at a place, valid until the next is encoded.
  func encode(at place: Int) -> UnsafeRawBufferPointer {
    encoder.encode(UnsafePointer(pixels(of: place).baseAddress!))
  }
}
