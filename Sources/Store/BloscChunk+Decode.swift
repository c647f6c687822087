import CLZ4

extension BloscChunk {
  /// What the flags of a header say of the blocks.
  private struct Flags {
    let bits: UInt8
    var isStored: Bool { bits & 0x02 != 0 }
    var isSplit: Bool { bits & 0x10 == 0 }
    /// Blosc's LZ4 and LZ4HC, which are one format.
    var isLZ4: Bool { bits >> 5 == 1 }
    func shuffle(itemByteCount: Int) -> BloscCodec.Shuffle {
      bits & 0x04 != 0 ? .bits : bits & 0x01 != 0 && itemByteCount > 1 ? .bytes : .none
    }
  }

  /// Decodes chunks of one size: LZ4, of items of any width, shuffled in any of Blosc's ways. The
  /// unshuffling needs a second buffer, reused by one thread.
  package final class Decoder {
    private let byteCount: Int
    private let shuffled: UnsafeMutableRawPointer

    package init(byteCount: Int) {
      self.byteCount = byteCount
      shuffled = .allocate(byteCount: byteCount, alignment: 64)
    }

    deinit { shuffled.deallocate() }

    /// - Parameter output: `byteCount` bytes.
    /// - Returns: nil where it worked, else what is wrong with the chunk.
    package func decode(_ chunk: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer)
      -> String?
    {
      guard chunk.count >= headerByteCount else {
        return "its Blosc chunk of \(chunk.count) bytes is shorter than a Blosc header"
      }
      func word(_ offset: Int) -> Int {
        Int(UInt32(littleEndian: chunk.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
      let flags = Flags(bits: chunk[2])
      let itemByteCount = Int(chunk[3])
      guard chunk[0] == formatVersion, chunk[1] == lz4Version, flags.isLZ4, itemByteCount > 0
      else {
        return "its Blosc header is not one of LZ4: it begins with the bytes "
          + "\(chunk.prefix(4).map { String($0) }.joined(separator: ", "))"
      }
      let blockByteCount = word(8)
      guard word(4) == byteCount, word(12) == chunk.count, blockByteCount > 0,
        blockByteCount <= byteCount
      else {
        return "its Blosc header gives \(word(4)) bytes in \(word(12)), expected \(byteCount) in "
          + "\(chunk.count)"
      }
      if flags.isStored {
        guard chunk.count == headerByteCount + byteCount else {
          return "its Blosc chunk has \(chunk.count) bytes, expected "
            + "\(headerByteCount + byteCount)"
        }
        output.copyMemory(from: chunk.baseAddress! + headerByteCount, byteCount: byteCount)
        return nil
      }
      let blockCount = (byteCount - 1) / blockByteCount + 1
      guard blockCount <= (chunk.count - headerByteCount) / 4 else {
        return "its Blosc chunk ends within the list of its \(blockCount) blocks"
      }
      for block in 0..<blockCount {
        let offset = block * blockByteCount
        let count = min(blockByteCount, byteCount - offset)
        // Blosc's rule for when each byte of the items is a stream of its own.
        let isSplit =
          flags.isSplit && itemByteCount <= 16 && blockByteCount / itemByteCount >= 128
          && count == blockByteCount
        let shuffle = BlockShuffle(
          flags.shuffle(itemByteCount: itemByteCount), itemByteCount: itemByteCount, count: count)
        // What is not shuffled needs no second buffer.
        let target = shuffle.isNone ? output + offset : shuffled
        guard
          Self.decompress(
            chunk, from: word(headerByteCount + 4 * block), streams: isSplit ? itemByteCount : 1,
            into: target, count: count)
        else { return "its Blosc block \(block) does not decompress" }
        if !shuffle.isNone { shuffle.undo(shuffled, into: output + offset) }
      }
      return nil
    }

    /// A block: for every stream its compressed size, then LZ4, or the bytes themselves where the
    /// size is that of the stream.
    private static func decompress(
      _ chunk: UnsafeRawBufferPointer, from start: Int, streams: Int,
      into output: UnsafeMutableRawPointer, count: Int
    ) -> Bool {
      guard start >= headerByteCount, count % streams == 0 else { return false }
      var place = start
      let streamByteCount = count / streams
      for stream in 0..<streams {
        guard place <= chunk.count - 4 else { return false }
        let size = Int(
          UInt32(littleEndian: chunk.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
        guard size <= chunk.count - 4 - place, size <= streamByteCount else { return false }
        let source = chunk.baseAddress! + place + 4
        let target = output + stream * streamByteCount
        if size == streamByteCount {
          target.copyMemory(from: source, byteCount: size)
        } else {
          let read = LZ4_decompress_safe(
            source.assumingMemoryBound(to: CChar.self), target.assumingMemoryBound(to: CChar.self),
            Int32(size), Int32(streamByteCount))
          guard Int(read) == streamByteCount else { return false }
        }
        place += 4 + size
      }
      return true
    }
  }

  /// How the bytes of one block are to be put back in order.
  private struct BlockShuffle {
    private let bits: Bool
    private let itemByteCount: Int
    private let count: Int
    let isNone: Bool

    init(_ shuffle: BloscCodec.Shuffle, itemByteCount: Int, count: Int) {
      bits = shuffle == .bits
      self.itemByteCount = itemByteCount
      self.count = count
      // Blosc leaves a block as it is whose items do not fill whole bytes of bits.
      isNone =
        shuffle == .none || count < itemByteCount
        || (bits && (count / itemByteCount) % 8 != 0)
    }

    /// - Parameter input: `count` bytes, written over.
    func undo(_ input: UnsafeMutableRawPointer, into output: UnsafeMutableRawPointer) {
      let items = count / itemByteCount
      if bits && itemByteCount == 1 {
        return BitTransposition.unshuffle(input, into: output, count: count)
      }
      var planes = input
      if bits {
        // The bits of one byte of all items lie together: first make bytes of them.
        planes = .allocate(byteCount: items * itemByteCount, alignment: 64)
        for byte in 0..<itemByteCount {
          BitTransposition.unshuffle(
            input + byte * items, into: planes + byte * items, count: items)
        }
      }
      let source = planes.assumingMemoryBound(to: UInt8.self)
      let target = output.assumingMemoryBound(to: UInt8.self)
      for byte in 0..<itemByteCount {
        for item in 0..<items {
          target[item * itemByteCount + byte] = source[byte * items + item]
        }
      }
      let whole = items * itemByteCount
      (output + whole).copyMemory(from: input + whole, byteCount: count - whole)
      if bits { planes.deallocate() }
    }
  }
}
