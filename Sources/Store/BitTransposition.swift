/// Blosc's bitshuffle for single-byte items: bit k of item i moves to bit i mod 8 of byte
/// k · n/8 + i/8, and back. Debian's Blosc does it without vector instructions, which would be the
/// slowest part of reading a sample.
package enum BitTransposition {
  private typealias Words = SIMD2<UInt64>
  private typealias Lanes = SIMD16<UInt8>

  /// - Parameter count: the number of bytes, a multiple of 8.
  package static func shuffle(
    _ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer, count: Int
  ) {
    let planeCount = count / 8
    var group = 0
    // SAFETY: sixteen groups read 128 bytes and write 16 bytes of each plane.
    while group + 16 <= planeCount {
      // Byte 8g + k, of group g and plane k, must move to byte 16k + g: its index of seven bits is
      // rotated by four, and interleaving the two halves rotates it by one.
      var a = InlineArray<8, Lanes> { i in
        let words = input.loadUnaligned(fromByteOffset: group * 8 + i * 16, as: Words.self)
        return unsafeBitCast(transposed(words), to: Lanes.self)
      }
      for _ in 0..<2 {
        var b = InlineArray<8, Lanes>(repeating: Lanes())
        for i in 0..<4 {
          b[2 * i] = interleaveLow(a[i], a[i + 4])
          b[2 * i + 1] = interleaveHigh(a[i], a[i + 4])
        }
        for i in 0..<4 {
          a[2 * i] = interleaveLow(b[i], b[i + 4])
          a[2 * i + 1] = interleaveHigh(b[i], b[i + 4])
        }
      }
      for plane in 0..<8 {
        output.storeBytes(of: a[plane], toByteOffset: plane * planeCount + group, as: Lanes.self)
      }
      group += 16
    }
    while group < planeCount {
      var word = input.loadUnaligned(fromByteOffset: group * 8, as: UInt64.self)
      word = transposed(word)
      for plane in 0..<8 {
        output.storeBytes(
          of: UInt8(truncatingIfNeeded: word &>> UInt64(8 * plane)),
          toByteOffset: plane * planeCount + group, as: UInt8.self)
      }
      group += 1
    }
  }

  /// - Parameter count: the number of bytes, a multiple of 8.
  package static func unshuffle(
    _ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer, count: Int
  ) {
    let planeCount = count / 8
    var group = 0
    // SAFETY: sixteen groups read 16 bytes of each plane and write 128 bytes.
    while group + 16 <= planeCount {
      // Bytes of planes k and k + 4, then k and k + 2, then neighbors are interleaved, until
      // eight bytes in a row are one from each plane.
      var a = InlineArray<8, Lanes> { plane in
        input.loadUnaligned(fromByteOffset: plane * planeCount + group, as: Lanes.self)
      }
      var b = InlineArray<8, Lanes>(repeating: Lanes())
      for i in 0..<4 {
        b[2 * i] = interleaveLow(a[i], a[i + 4])
        b[2 * i + 1] = interleaveHigh(a[i], a[i + 4])
      }
      for i in 0..<4 {
        a[2 * i] = interleaveLow(b[i], b[i + 4])
        a[2 * i + 1] = interleaveHigh(b[i], b[i + 4])
      }
      for i in 0..<4 {
        b[2 * i] = interleaveLow(a[i], a[i + 4])
        b[2 * i + 1] = interleaveHigh(a[i], a[i + 4])
      }
      for i in 0..<8 {
        let words = transposed(unsafeBitCast(b[i], to: Words.self))
        output.storeBytes(of: words, toByteOffset: group * 8 + i * 16, as: Words.self)
      }
      group += 16
    }
    while group < planeCount {
      var word: UInt64 = 0
      for plane in 0..<8 {
        let byte = input.load(fromByteOffset: plane * planeCount + group, as: UInt8.self)
        word |= UInt64(byte) &<< UInt64(8 * plane)
      }
      output.storeBytes(of: transposed(word), toByteOffset: group * 8, as: UInt64.self)
      group += 1
    }
  }

  /// Transposes 8 × 8 bits by three rounds of exchanges (Warren, Hacker's Delight, 7-3).
  @inline(__always)
  private static func transposed(_ word: UInt64) -> UInt64 {
    var x = word
    var t = (x ^ (x &>> 7)) & 0x00aa_00aa_00aa_00aa
    x = x ^ t ^ (t &<< 7)
    t = (x ^ (x &>> 14)) & 0x0000_cccc_0000_cccc
    x = x ^ t ^ (t &<< 14)
    t = (x ^ (x &>> 28)) & 0x0000_0000_f0f0_f0f0
    return x ^ t ^ (t &<< 28)
  }

  @inline(__always)
  private static func transposed(_ words: Words) -> Words {
    var x = words
    var t = (x ^ (x &>> Words(repeating: 7))) & Words(repeating: 0x00aa_00aa_00aa_00aa)
    x = x ^ t ^ (t &<< Words(repeating: 7))
    t = (x ^ (x &>> Words(repeating: 14))) & Words(repeating: 0x0000_cccc_0000_cccc)
    x = x ^ t ^ (t &<< Words(repeating: 14))
    t = (x ^ (x &>> Words(repeating: 28))) & Words(repeating: 0x0000_0000_f0f0_f0f0)
    return x ^ t ^ (t &<< Words(repeating: 28))
  }

  @inline(__always)
  static func interleaveLow(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>) -> SIMD16<UInt8> {
    SIMD16<UInt8>(
      a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3], a[4], b[4], a[5], b[5], a[6], b[6], a[7],
      b[7])
  }

  @inline(__always)
  static func interleaveHigh(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>) -> SIMD16<UInt8> {
    SIMD16<UInt8>(
      a[8], b[8], a[9], b[9], a[10], b[10], a[11], b[11], a[12], b[12], a[13], b[13], a[14], b[14],
      a[15], b[15])
  }
}
