import CLZ4

/// The one kind of Blosc chunk that pixels are stored as (c-blosc, `README_CHUNK_FORMAT.rst`):
/// bitshuffled single bytes, LZ4. Written and read here because what Debian's Blosc does per
/// call (a context, an LZ4HC state of 256 KiB, bitshuffle without vector instructions) takes
/// longer than the work itself on chunks this small. Any Blosc reads what is written here, and the
/// decoder reads what Blosc makes of LZ4.
package enum BloscChunk {
  static let headerByteCount = 16
  static let formatVersion: UInt8 = 2
  static let lz4Version: UInt8 = 1
  /// Bitshuffled (0x04), blocks not split by item byte (0x10), compressor format LZ4 (1 << 5).
  private static let flags: UInt8 = 0x04 | 0x10 | 0x20

  /// Bytes that bitshuffle takes as a whole; Blosc leaves a block of another length as it is, so
  /// the last few bytes are a block of their own.
  private static func mainBlockByteCount(_ byteCount: Int) -> Int {
    byteCount < 8 ? byteCount : byteCount / 8 * 8
  }

  package static func bound(_ byteCount: Int) -> Int {
    headerByteCount + 2 * 8 + Int(LZ4_compressBound(Int32(byteCount))) + 16
  }

  /// LZ4HC's working memory and the bitshuffled bytes, reused from chunk to chunk by one thread.
  package final class Encoder {
    private let stream: UnsafeMutablePointer<LZ4_streamHC_t>
    /// For chunks that LZ4HC takes long for.
    private let planes: PlaneCompressor?
    private let shuffled: UnsafeMutableRawPointer
    private let byteCount: Int
    private let level: Int32

    /// - Parameters:
    ///   - byteCount: the size of every chunk's content.
    ///   - level: LZ4HC's 1...12, for small chunks.
    package init(byteCount: Int, level: Int32) {
      self.byteCount = byteCount
      self.level = level
      stream = LZ4_createStreamHC()
      planes = byteCount >= PlaneCompressor.smallestInput + 8 ? PlaneCompressor() : nil
      shuffled = .allocate(byteCount: byteCount, alignment: 64)
    }

    deinit {
      LZ4_freeStreamHC(stream)
      shuffled.deallocate()
    }

    /// - Returns: the bytes written to `output`, which holds `bound(byteCount)` of them.
    package func encode(_ input: UnsafeRawPointer, into output: UnsafeMutableRawBufferPointer)
      -> Int
    {
      precondition(output.count >= BloscChunk.bound(byteCount))
      let main = BloscChunk.mainBlockByteCount(byteCount)
      let blockCount = main < byteCount ? 2 : 1
      BitTransposition.shuffle(input, into: shuffled, count: main / 8 * 8)
      let start = main / 8 * 8
      (shuffled + start).copyMemory(from: input + start, byteCount: byteCount - start)

      let base = output.baseAddress!
      var end = headerByteCount + 4 * blockCount
      for block in 0..<blockCount {
        base.storeBytes(of: Int32(end).littleEndian, toByteOffset: 16 + 4 * block, as: Int32.self)
        let offset = block * main
        end += compress(
          shuffled + offset, count: block == 0 ? main : byteCount - main, into: base + end)
      }
      base.storeBytes(of: BloscChunk.formatVersion, as: UInt8.self)
      base.storeBytes(of: BloscChunk.lz4Version, toByteOffset: 1, as: UInt8.self)
      base.storeBytes(of: BloscChunk.flags, toByteOffset: 2, as: UInt8.self)
      base.storeBytes(of: 1, toByteOffset: 3, as: UInt8.self)
      base.storeBytes(of: UInt32(byteCount).littleEndian, toByteOffset: 4, as: UInt32.self)
      base.storeBytes(of: UInt32(main).littleEndian, toByteOffset: 8, as: UInt32.self)
      base.storeBytes(of: UInt32(end).littleEndian, toByteOffset: 12, as: UInt32.self)
      return end
    }

    /// One block: its compressed size, then LZ4, or the bytes themselves where LZ4 gains nothing.
    private func compress(
      _ input: UnsafeRawPointer, count: Int, into output: UnsafeMutableRawPointer
    ) -> Int {
      var size = 0
      if let planes, count >= PlaneCompressor.smallestInput {
        size = planes.compress(
          input.assumingMemoryBound(to: UInt8.self), count: count,
          into: (output + 4).assumingMemoryBound(to: UInt8.self))
      } else {
        LZ4_resetStreamHC_fast(stream, level)
        size = Int(
          LZ4_compress_HC_continue(
            stream, input.assumingMemoryBound(to: CChar.self),
            (output + 4).assumingMemoryBound(to: CChar.self), Int32(count), Int32(count) - 1))
      }
      if size <= 0 || size >= count {
        size = count
        (output + 4).copyMemory(from: input, byteCount: count)
      }
      output.storeBytes(of: Int32(size).littleEndian, as: Int32.self)
      return 4 + size
    }
  }
}
