import Faces
import Images
import Photographs
import Store

/// Some consecutive samples, decoded, resized and encoded by one worker.
struct EncodedBatch: Sendable {
  enum Outcome: Sendable {
    /// Bytes of the inner chunk within `bytes`, and the sums of its pixels.
    case encoded(Range<Int>, ChannelSums)
    case rejected(RejectReason, String)
  }

  var bytes: [UInt8] = []
  var outcomes: [Outcome] = []
}

/// Sums over pixels, by channel, exact: what mean and standard deviation are made of.
struct ChannelSums: Sendable, Equatable {
  /// Σ value and Σ value², for R, G and B, of 8-bit values.
  var sum = SIMD4<UInt64>()
  var squares = SIMD4<UInt64>()

  static func += (a: inout Self, b: Self) {
    a.sum &+= b.sum
    a.squares &+= b.squares
  }

  /// - Parameter pixels: planar R, G, B.
  init(pixels: UnsafePointer<UInt8>, size: Int) {
    for channel in 0..<3 {
      let plane = pixels + channel * size * size
      for y in 0..<size {
        // A row's sums fit: 1024 · 255² is below 2³².
        var sum: UInt32 = 0
        var squares: UInt32 = 0
        for x in 0..<size {
          let value = UInt32(plane[y * size + x])
          sum &+= value
          squares &+= value &* value
        }
        self.sum[channel] &+= UInt64(sum)
        self.squares[channel] &+= UInt64(squares)
      }
    }
  }

  init() {}
}

/// Everything that one worker needs to make samples; not shared.
final class SampleMaker {
  private let reader: PhotographReader
  private let encoder: SampleEncoder
  private let pixels: UnsafeMutableBufferPointer<UInt8>
  private let layout: ImageLayout

  init(layout: ImageLayout) {
    self.layout = layout
    reader = PhotographReader(size: layout.size, upright: false)
    encoder = SampleEncoder(layout: layout)
    pixels = .allocate(capacity: layout.sampleByteCount)
  }

  deinit { pixels.deallocate() }

  /// Makes one sample and appends it to `batch`.
  ///
  /// - Parameter path: the file, as the file system has it.
  func append(_ path: [UInt8], to batch: inout EncodedBatch) {
    do {
      let planes = try makePixels(path)
      let sums = ChannelSums(pixels: planes, size: layout.size)
      let start = batch.bytes.count
      batch.bytes.append(contentsOf: encoder.encode(planes))
      batch.outcomes.append(.encoded(start..<batch.bytes.count, sums))
    } catch {
      batch.outcomes.append(.rejected(RejectReason(error.reason), error.message))
    }
  }

  /// The pixels of a file at the store's size: planar R, G, B, valid until the next call. Not turned
  /// by an EXIF orientation: a store has what Pillow's `convert` and `resize` give.
  func makePixels(_ path: [UInt8]) throws(ImageError) -> UnsafePointer<UInt8> {
    try reader.read(.file(path), name: "", into: pixels)
    return UnsafePointer(pixels.baseAddress!)
  }
}
