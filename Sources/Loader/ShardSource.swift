import Store

/// A split of a shard store, memory-mapped, as a source of samples. Both codecs.
///
/// ```swift
/// let store = try StoreReader(path: "data/shards/utkface-32")
/// let source = ShardSource(try store.split("train"))
/// ```
package struct ShardSource: SampleSource {
  package let split: SplitReader

  package init(_ split: SplitReader) { self.split = split }

  package var sampleCount: Int { split.sampleCount }

  package var imageShape: ImageShape {
    ImageShape(
      channels: StoreFormat.channelCount, height: split.layout.size, width: split.layout.size)
  }

  package func labels(column: String) throws -> [Float] { try split.column(column).floats }

  package func location(ofSample sample: Int) -> String { split.shardPath(ofSample: sample) }

  package func makeReader() -> any SampleReader { ShardSampleReader(split) }
}

private final class ShardSampleReader: SampleReader {
  private let split: SplitReader
  private let decoder: SampleDecoder
  private let buffer: UnsafeMutablePointer<UInt8>
  private(set) var storedByteCount = 0

  init(_ split: SplitReader) {
    self.split = split
    decoder = SampleDecoder(layout: split.layout)
    buffer = .allocate(capacity: split.layout.sampleByteCount)
  }

  deinit { buffer.deallocate() }

  func pixels(ofSample sample: Int) throws -> UnsafePointer<UInt8> {
    try split.decode(sample: sample, into: buffer, decoder: decoder)
    storedByteCount += split.encodedByteCount(sample: sample)
    return UnsafePointer(buffer)
  }
}
