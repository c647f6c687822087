import CSystem
import Synchronization
import Tensors

/// Another source whose decoded pixels are kept in memory, up to a budget.
///
/// The samples with the lowest numbers are kept, as many as fit; the others are decoded each time.
/// A sample is decoded when it is first asked for, by any thread.
package final class CachedSource: SampleSource {
  private let base: any SampleSource
  private let cache: PixelCache?

  /// - Parameter byteBudget: bytes of pixels to keep at most; memory is taken as it is filled.
  /// - Throws: `MemoryError`.
  package init(_ base: any SampleSource, byteBudget: Int) throws {
    self.base = base
    let sampleBytes = base.imageShape.elementCount
    let count = min(base.sampleCount, max(0, byteBudget) / sampleBytes)
    cache = try count > 0 ? PixelCache(sampleCount: count, sampleByteCount: sampleBytes) : nil
  }

  /// Budget of decoded pixels where the user leaves it open: a small set is kept whole, a large one
  /// not at all.
  package static func automaticBudget(for source: any SampleSource) -> Int {
    let byteCount = source.sampleCount * source.imageShape.elementCount
    return byteCount <= 128 << 20 ? byteCount : 0
  }

  /// Samples that find room.
  package var cachedSampleCount: Int { cache?.sampleCount ?? 0 }

  package var sampleCount: Int { base.sampleCount }
  package var imageShape: ImageShape { base.imageShape }
  package func labels(column: String) throws -> [Float] { try base.labels(column: column) }
  package func location(ofSample sample: Int) -> String { base.location(ofSample: sample) }

  package func makeReader() -> any SampleReader {
    guard let cache else { return base.makeReader() }
    return CachedReader(cache, base.makeReader())
  }
}

/// The memory of a `CachedSource`.
private final class PixelCache: @unchecked Sendable {
  // `pixels` of a sample are written by the one thread that moved its state from empty to filling,
  // and read by others only once they saw it ready: release and acquire order the two.
  private let memory: AlignedBuffer
  private let pixels: UnsafeMutablePointer<UInt8>
  private let states: UnsafeMutablePointer<Atomic<UInt8>>
  let sampleCount: Int
  private let sampleByteCount: Int

  private static let empty: UInt8 = 0
  private static let filling: UInt8 = 1
  private static let ready: UInt8 = 2

  init(sampleCount: Int, sampleByteCount: Int) throws {
    self.sampleCount = sampleCount
    self.sampleByteCount = sampleByteCount
    // Huge pages matter to random access, and what is never written is never resident.
    let byteCount = sampleCount * sampleByteCount
    memory = try AlignedBuffer(count: (byteCount + 3) / MemoryLayout<Float>.stride)
    pixels = UnsafeMutableRawPointer(memory.pointer).bindMemory(
      to: UInt8.self, capacity: byteCount)
    states = .allocate(capacity: sampleCount)
    for sample in 0..<sampleCount { (states + sample).initialize(to: Atomic(Self.empty)) }
  }

  deinit {
    states.deinitialize(count: sampleCount)
    states.deallocate()
  }

  /// The pixels of a sample if they are there.
  func pixels(ofSample sample: Int) -> UnsafePointer<UInt8>? {
    guard sample < sampleCount, states[sample].load(ordering: .acquiring) == Self.ready
    else { return nil }
    return UnsafePointer(pixels + sample * sampleByteCount)
  }

  /// Asks for the first 4 KiB of a sample; the processor follows a longer stream by itself.
  func prefetch(sample: Int) {
    guard sample < sampleCount else { return }
    let start = pixels + sample * sampleByteCount
    for offset in stride(from: 0, to: min(sampleByteCount, 4096), by: 64) {
      system_prefetch(start + offset)
    }
  }

  /// Keeps the pixels of a sample, unless another thread is just doing it.
  func keep(_ source: UnsafePointer<UInt8>, sample: Int) {
    guard sample < sampleCount,
      states[sample].compareExchange(
        expected: Self.empty, desired: Self.filling, ordering: .acquiring
      ).exchanged
    else { return }
    (pixels + sample * sampleByteCount).update(from: source, count: sampleByteCount)
    states[sample].store(Self.ready, ordering: .releasing)
  }
}

private final class CachedReader: SampleReader {
  private let cache: PixelCache
  private let base: any SampleReader

  init(_ cache: PixelCache, _ base: any SampleReader) {
    self.cache = cache
    self.base = base
  }

  var storedByteCount: Int { base.storedByteCount }

  func prefetch(sample: Int) { cache.prefetch(sample: sample) }

  func pixels(ofSample sample: Int) throws -> UnsafePointer<UInt8> {
    if let pixels = cache.pixels(ofSample: sample) { return pixels }
    let pixels = try base.pixels(ofSample: sample)
    cache.keep(pixels, sample: sample)
    return pixels
  }
}
