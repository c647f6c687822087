import Experiment
import Images
import Similarity
import Store

/// The samples of one or two stores, numbered one after the other: split by split, the store that is
/// audited first.
struct AuditedSamples {
  struct Part {
    let store: StoreReader
    let split: SplitReader
    /// The number of its first sample.
    let first: Int
  }

  let parts: [Part]
  let count: Int
  /// Samples of the store that is audited.
  let ownCount: Int
  let ownParts: ArraySlice<Part>

  /// - Throws: `StoreError` for a store without hashes and measures.
  init(_ store: StoreReader, against other: StoreReader?) throws {
    var parts: [Part] = []
    var count = 0
    for store in [store, other].compactMap(\.self) {
      guard store.schema.hasSources, store.schema.hasMeasures else {
        throw StoreError(
          .otherVersion, file: store.path,
          "has no measures of its photographs, as an earlier version built it; build it again with "
            + "utk-prep build --force")
      }
      for split in store.splits {
        parts.append(Part(store: store, split: split, first: count))
        count += split.sampleCount
      }
    }
    guard count <= Int(UInt32.max) else {
      throw StoreError(
        .notFound, file: store.path, "has more samples than the 4,294,967,295 that fit")
    }
    self.parts = parts
    self.count = count
    ownParts = parts[..<store.splits.count]
    ownCount = store.splits.reduce(0) { $0 + $1.sampleCount }
  }

  /// The number of the part that a sample is in.
  func part(of sample: Int) -> Int { parts.lastIndex { $0.first <= sample } ?? 0 }

  /// Calls `body` with every value of a measure in the order of the samples.
  func forEachValue<Value: FixedWidthInteger>(
    of measure: StoreMeasure, in part: Part, as type: Value.Type, _ body: (Int, Value) -> Void
  ) throws {
    try part.split.values(of: measure).withUnsafeBytes { bytes in
      for index in 0..<part.split.sampleCount {
        body(
          part.first + index,
          Value(
            littleEndian: bytes.loadUnaligned(
              fromByteOffset: index * MemoryLayout<Value>.size, as: Value.self)))
      }
    }
  }

  func pixels(of sample: Int) throws -> (planes: [UInt8], size: Int) {
    let part = parts[part(of: sample)]
    let layout = part.split.layout
    var planes = [UInt8](repeating: 0, count: layout.sampleByteCount)
    try planes.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress {
        try part.split.decode(
          sample: sample - part.first, into: base, decoder: SampleDecoder(layout: layout))
      }
    }
    return (planes, layout.size)
  }

  func signature(of sample: Int) throws -> PixelSignature {
    let (planes, size) = try pixels(of: sample)
    return planes.withUnsafeBufferPointer {
      // A sample has at least 32 × 32 pixels.
      PixelSignature(planes: $0.baseAddress!, size: size)
    }
  }
}
