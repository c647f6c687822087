import Checksums
import Experiment

/// Encodes single samples as inner chunks; one per worker thread.
package final class SampleEncoder {
  private let layout: ImageLayout
  private let filtered: UnsafeMutablePointer<UInt8>
  private let rows: UnsafeMutablePointer<UInt8>
  private let chunk: UnsafeMutableRawBufferPointer
  private let blosc: BloscChunk.Encoder

  package init(layout: ImageLayout) {
    self.layout = layout
    blosc = BloscChunk.Encoder(byteCount: layout.sampleByteCount, level: StoreFormat.lz4Level)
    filtered = .allocate(capacity: layout.sampleByteCount)
    rows = .allocate(capacity: 2 * (layout.size + 48))
    chunk = .allocate(
      byteCount: BloscChunk.bound(layout.sampleByteCount) + StoreFormat.checksumByteCount,
      alignment: 64)
  }

  deinit {
    filtered.deallocate()
    rows.deallocate()
    chunk.deallocate()
  }

  /// Encodes one sample.
  ///
  /// - Parameter pixels: planar R, G, B, `layout.sampleByteCount` bytes.
  /// - Returns: the inner chunk with its checksum, valid until the next call.
  package func encode(_ pixels: UnsafePointer<UInt8>) -> UnsafeRawBufferPointer {
    var source = pixels
    if layout.codec == .predictive {
      PredictiveFilter.encode(
        pixels, width: layout.size, height: layout.size, into: filtered, scratch: rows)
      source = UnsafePointer(filtered)
    }
    let payload = blosc.encode(
      source,
      into: UnsafeMutableRawBufferPointer(rebasing: chunk.dropLast(StoreFormat.checksumByteCount)))
    let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: chunk[..<payload]))
    chunk.storeBytes(of: checksum.littleEndian, toByteOffset: payload, as: UInt32.self)
    return UnsafeRawBufferPointer(rebasing: chunk[..<(payload + StoreFormat.checksumByteCount)])
  }
}

/// Decodes single samples; one per worker thread.
package final class SampleDecoder {
  private let layout: ImageLayout
  private let scratch: PredictiveFilter.DecodeScratch?
  private let blosc: BloscChunk.Decoder

  package init(layout: ImageLayout) {
    self.layout = layout
    blosc = BloscChunk.Decoder(byteCount: layout.sampleByteCount)
    scratch =
      layout.codec == .predictive
      ? PredictiveFilter.DecodeScratch(width: layout.size, height: layout.size) : nil
  }

  /// Checks and decodes one inner chunk.
  ///
  /// - Parameters:
  ///   - chunk: payload and checksum, as they are in the shard.
  ///   - output: planar R, G, B, `layout.sampleByteCount` bytes.
  /// - Returns: nil where it worked, else what is wrong with the chunk.
  package func decode(_ chunk: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>)
    -> String?
  {
    if let problem = Self.checksumProblem(of: chunk) { return problem }
    let payload = UnsafeRawBufferPointer(rebasing: chunk.dropLast(StoreFormat.checksumByteCount))
    let target = scratch?.residuals ?? output
    if let problem = blosc.decode(payload, into: target) { return problem }
    if let scratch { PredictiveFilter.decode(scratch, into: output) }
    return nil
  }

  static func checksumProblem(of chunk: UnsafeRawBufferPointer) -> String? {
    guard chunk.count > StoreFormat.checksumByteCount else {
      return "its chunk of \(chunk.count) bytes has no room for a checksum"
    }
    let end = chunk.count - StoreFormat.checksumByteCount
    let expected = UInt32(
      littleEndian: chunk.loadUnaligned(fromByteOffset: end, as: UInt32.self))
    let got = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: chunk[..<end]))
    guard got == expected else {
      return "its CRC-32C is \(hex(got)), expected \(hex(expected)); the bytes on disk changed"
    }
    return nil
  }

  static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
