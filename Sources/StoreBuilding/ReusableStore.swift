import Experiment
import Images
import Store
import Synchronization

/// The samples of a store that is there, found by the hash of the file that they were made from.
///
/// A chunk depends on the photograph, the size and the codec alone, so that another build may copy
/// it. Stores without measures were written before that was so.
final class ReusableStore: Sendable {
  private struct Split: Sendable {
    let reader: SplitReader
    /// Of each sample.
    let measures: [ImageMeasures]
  }

  private let splits: [Split]
  /// What the store was made by.
  let recipe: JSONValue?
  private let index: ContentIndex
  private let copied = Atomic<Int>(0)
  private static let sampleBits: UInt64 = 40
  /// Samples that are copied before their memory is given back.
  private static let releaseInterval = 512

  /// - Returns: nil where the store's samples are not what a build with this layout makes.
  /// - Throws: `StoreError` where the store is damaged.
  init?(_ store: StoreReader, for layout: ImageLayout) throws {
    guard store.layout.size == layout.size, store.layout.codec == layout.codec,
      store.schema.hasSources, store.schema.hasMeasures
    else { return nil }
    recipe = store.dataset["pipeline"]
    var index = ContentIndex(capacity: store.splits.reduce(0) { $0 + $1.sampleCount })
    splits = try store.splits.enumerated().map { number, split in
      for (sample, source) in try split.sources().enumerated() {
        index.add(source, number: UInt64(number) << Self.sampleBits | UInt64(sample))
      }
      return Split(reader: split, measures: try split.measures())
    }
    self.index = index
  }

  /// A sample as its shard holds it.
  struct Sample {
    let measures: ImageMeasures
    let sums: ChannelSums
    let chunk: UnsafeRawBufferPointer
  }

  /// The split that the sample of some content is in; nil where there is none.
  func split(of source: SourceHash) -> String? {
    index.number(of: source).map { splits[Int($0 >> Self.sampleBits)].reader.name }
  }

  /// Lends the sample that was made of a file with some content.
  ///
  /// - Returns: false where there is none, or it is damaged.
  /// - Throws: whatever `body` throws.
  func withSample(
    of source: SourceHash, _ decoder: ReuseDecoder,
    _ body: (Sample) throws -> Void
  ) rethrows -> Bool {
    guard let place = index.number(of: source) else { return false }
    let split = splits[Int(place >> Self.sampleBits)]
    let number = Int(place & (1 << Self.sampleBits - 1))
    defer {
      let count = copied.add(1, ordering: .relaxed).newValue
      if count % Self.releaseInterval == 0 { for split in splits { split.reader.releaseMemory() } }
    }
    // Copied before it is used: the file may be cut meanwhile.
    guard let chunk = try? split.reader.copyOfChunk(sample: number),
      let sums = decoder.sums(of: chunk)
    else { return false }
    try chunk.withUnsafeBytes {
      try body(
        Sample(measures: split.measures[number], sums: sums, chunk: $0))
    }
    return true
  }
}

/// Finds the sums of a sample's pixels; one per thread.
final class ReuseDecoder {
  private let layout: ImageLayout
  private let decoder: SampleDecoder
  private let pixels: UnsafeMutablePointer<UInt8>

  init(layout: ImageLayout) {
    self.layout = layout
    decoder = SampleDecoder(layout: layout)
    pixels = .allocate(capacity: layout.sampleByteCount)
  }

  deinit { pixels.deallocate() }

  /// Nil where the chunk is damaged.
  func sums(of chunk: [UInt8]) -> ChannelSums? {
    guard chunk.withUnsafeBytes({ decoder.decode($0, into: pixels) }) == nil else { return nil }
    return ChannelSums(pixels: pixels, size: layout.size)
  }
}

extension SplitReader {
  /// The measures of each sample.
  fileprivate func measures() throws -> [ImageMeasures] {
    var all = [ImageMeasures](repeating: ImageMeasures(), count: sampleCount)
    func read<Value: FixedWidthInteger>(
      _ measure: StoreMeasure, _ store: (inout ImageMeasures, Value) -> Void
    ) throws {
      try values(of: measure).withUnsafeBytes { bytes in
        for sample in all.indices {
          let value = bytes.loadUnaligned(
            fromByteOffset: sample * MemoryLayout<Value>.size, as: Value.self)
          store(&all[sample], Value(littleEndian: value))
        }
      }
    }
    try read(.perceptualHash) { $0.perceptualHash = $1 }
    try read(.width) { $0.width = $1 }
    try read(.height) { $0.height = $1 }
    try read(.brightness) { $0.brightness = $1 }
    try read(.contrast) { $0.contrast = $1 }
    try read(.sharpness) { $0.sharpness = $1 }
    try read(.colorfulness) { $0.colorfulness = $1 }
    return all
  }
}
