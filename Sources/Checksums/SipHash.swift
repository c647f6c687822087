/// SipHash-2-4, a keyed 64-bit hash whose values are the same on every machine and in every run,
/// which Swift's `Hasher` by design is not.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
package struct SipHash {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64
  private var byteCount = 0

  init(key0: UInt64, key1: UInt64) {
    v0 = 0x736f_6d65_7073_6575 ^ key0
    v1 = 0x646f_7261_6e64_6f6d ^ key1
    v2 = 0x6c79_6765_6e65_7261 ^ key0
    v3 = 0x7465_6462_7974_6573 ^ key1
  }

  /// The hash of a few words, each taken as eight little-endian bytes.
  package static func hash(_ words: UInt64..., key0: UInt64, key1: UInt64) -> UInt64 {
    var state = SipHash(key0: key0, key1: key1)
    for word in words { state.absorb(word) }
    return state.finish()
  }

  /// The hash of bytes.
  package static func hash(_ bytes: UnsafeBufferPointer<UInt8>, key0: UInt64, key1: UInt64)
    -> UInt64
  {
    var state = SipHash(key0: key0, key1: key1)
    let whole = bytes.count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      // SAFETY: start + 8 <= whole <= bytes.count.
      let word = UnsafeRawPointer(bytes.baseAddress!).loadUnaligned(
        fromByteOffset: start, as: UInt64.self)
      state.absorb(UInt64(littleEndian: word))
    }
    var tail: UInt64 = 0
    for index in whole..<bytes.count { tail |= UInt64(bytes[index]) << UInt64(8 * (index - whole)) }
    return state.finish(tail: tail, tailCount: bytes.count - whole)
  }

  private mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
    byteCount += 8
  }

  private mutating func finish(tail: UInt64 = 0, tailCount: Int = 0) -> UInt64 {
    let length = UInt64(truncatingIfNeeded: byteCount + tailCount)
    absorb(length << 56 | tail)
    v2 ^= 0xff
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  private mutating func round() {
    v0 &+= v1
    v1 = rotate(v1, 13) ^ v0
    v0 = rotate(v0, 32)
    v2 &+= v3
    v3 = rotate(v3, 16) ^ v2
    v0 &+= v3
    v3 = rotate(v3, 21) ^ v0
    v2 &+= v1
    v1 = rotate(v1, 17) ^ v2
    v2 = rotate(v2, 32)
  }

  private func rotate(_ x: UInt64, _ count: UInt64) -> UInt64 { x &<< count | x &>> (64 - count) }
}
