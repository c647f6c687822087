/// Channels, height and width of every image of a source.
package struct ImageShape: Equatable, Hashable, Sendable, CustomStringConvertible {
  package let channels: Int
  package let height: Int
  package let width: Int

  package init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Values of one image, and bytes of one uint8 image.
  package var elementCount: Int { channels * height * width }

  package var description: String { "\(channels)×\(height)×\(width)" }
}

/// Images of one shape with label columns: what a `BatchStream` reads from.
///
/// `ShardSource` is the one for shard stores, and `CachedSource` keeps the pixels of another.
package protocol SampleSource: Sendable {
  var sampleCount: Int { get }
  var imageShape: ImageShape { get }

  /// The values of a label column, one for each sample; NaN where a label is missing.
  ///
  /// - Throws: if there is no such column or it cannot be read.
  func labels(column: String) throws -> [Float]

  /// A reader for one thread.
  func makeReader() -> any SampleReader

  /// Where a sample is stored, for messages: the shard file.
  func location(ofSample sample: Int) -> String
}

/// Reads samples on one thread, with buffers of its own.
package protocol SampleReader: AnyObject {
  /// The pixels of a sample: planar, [channel][row][column], uint8.
  ///
  /// The pointer is good until the next call, and as long as the reader lives.
  /// - Throws: what is wrong with the stored sample.
  func pixels(ofSample sample: Int) throws -> UnsafePointer<UInt8>

  /// Says that a sample will be asked for soon, so that its bytes can be on their way. May do
  /// nothing, and by default does.
  func prefetch(sample: Int)

  /// Stored bytes that were read and decoded so far.
  var storedByteCount: Int { get }
}

extension SampleReader {
  package func prefetch(sample: Int) {}
}
