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
    let measures: [StoreMeasure: [UInt8]]
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
      var measures: [StoreMeasure: [UInt8]] = [:]
      for measure in StoreMeasure.allCases { measures[measure] = try split.values(of: measure) }
      return Split(reader: split, measures: measures)
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
    guard let chunk = try? split.reader.withChunk(sample: number, { Array($0) }),
      let sums = decoder.sums(of: chunk)
    else { return false }
    try chunk.withUnsafeBytes {
      try body(
        Sample(
          measures: ImageMeasures(split.measures, at: number), sums: sums, chunk: $0))
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

extension ImageMeasures {
  /// - Parameter columns: the arrays of a split.
  fileprivate init(_ columns: [StoreMeasure: [UInt8]], at sample: Int) {
    func value<Value: FixedWidthInteger>(_ measure: StoreMeasure) -> Value {
      columns[measure]!.withUnsafeBytes {
        Value(
          littleEndian: $0.loadUnaligned(
            fromByteOffset: sample * MemoryLayout<Value>.size, as: Value.self))
      }
    }
    self.init()
    perceptualHash = value(.perceptualHash)
    (width, height) = (value(.width), value(.height))
    (brightness, contrast) = (value(.brightness), value(.contrast))
    (sharpness, colorfulness) = (value(.sharpness), value(.colorfulness))
  }
}
