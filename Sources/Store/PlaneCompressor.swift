/// Compresses the bit planes of large samples as one LZ4 block (lz4, `lz4_Block_format.md`), in a
/// third of LZ4HC's time and within two percent of its size.
///
/// LZ4HC follows chains of earlier places that share four bytes. In bit planes most chains are made
/// of the same few patterns, so that it looks at many candidates that match no longer than the
/// first, and every look is a branch that nothing predicts. Here four tables know the last place of
/// the next 4, 5, 7 and 10 bytes. The four candidates are compared without a branch, and one branch
/// decides. Planes that are noise cost little, since the search takes longer steps the longer it
/// finds nothing. The result depends on the input alone.
///
/// One compressor belongs to one thread.
final class PlaneCompressor {
  /// Below this size LZ4HC is fast, and clearing the tables would count.
  static let smallestInput = 1 << 15

  private static let tableBits: UInt64 = 15
  private static let tableCount = 1 << 15
  /// A match that is this long is taken without a look at the next byte.
  private static let goodLength = 16
  /// A match that is this long enters the tables with its last bytes only.
  private static let runLength = 64
  /// A search reads at most this far beyond its position, and the format keeps the last 12 bytes
  /// free of matches that begin there.
  private static let tailCount = 17
  /// The block ends with at least five literals.
  private static let lastLiterals = 5

  /// The low 16 bits of positions. A stale or foreign entry is harmless: bytes are compared.
  private let tables: UnsafeMutablePointer<UInt16>

  init() { tables = .allocate(capacity: 4 * Self.tableCount) }

  deinit { tables.deallocate() }

  private struct Match {
    var length = 0
    var distance = 0
  }

  /// Compresses `count` bytes.
  ///
  /// - Parameters:
  ///   - count: at least `smallestInput`.
  ///   - output: holds `LZ4_compressBound(count)` bytes and 16 more.
  /// - Returns: the size of the block.
  func compress(
    _ input: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    precondition(count >= Self.smallestInput)
    tables.update(repeating: 0, count: 4 * Self.tableCount)
    let last = count - Self.tailCount
    let matchEnd = count - Self.lastLiterals
    var target = output
    var literals = 0
    var position = 1
    var misses = 0
    while position <= last {
      var match = find(input, at: position, end: matchEnd)
      if match.length == 0 {
        misses &+= 1
        position &+= 1 &+ (misses &>> 4)
        continue
      }
      misses = 0
      while match.length < Self.goodLength, position &+ 1 < last {
        let next = find(input, at: position &+ 1, end: matchEnd)
        guard next.length > match.length else { break }
        match = next
        position &+= 1
      }
      var start = position
      // Steps over noise may have jumped past the beginning.
      while start > literals, start > match.distance,
        input[start &- 1] == input[start &- 1 &- match.distance]
      {
        start &-= 1
      }
      let end = position &+ match.length
      target = Self.append(
        literals: input + literals, count: start &- literals, length: end &- start,
        distance: match.distance, to: target)
      var entry = position &+ 2
      if match.length >= Self.runLength { entry = max(entry, end &- 8) }
      let entryEnd = min(end, last)
      while entry < entryEnd {
        remember(input, at: entry)
        entry &+= 1
      }
      position = end
      literals = end
    }
    target = Self.append(count: count - literals, matchNibble: 0, to: target)
    target.update(from: input + literals, count: count - literals)
    return target + (count - literals) - output
  }

  /// The longest of four matches, and enters the position in the tables.
  ///
  /// SAFETY: `position` + `tailCount` is at most the input's size. A distance reaches back to a
  /// position that was entered since the tables were cleared, or to the input's first byte, or it
  /// is smaller than both.
  @inline(__always)
  private func find(_ input: UnsafePointer<UInt8>, at position: Int, end: Int) -> Match {
    let here = UnsafeRawPointer(input + position)
    let bytes = here.loadUnaligned(as: UInt64.self)
    let slots = Self.slots(bytes, here)
    let (a, b) = (distance(slots.0, from: position), distance(slots.1, from: position))
    let (c, d) = (distance(slots.2, from: position), distance(slots.3, from: position))
    enter(position, slots)
    // The bits below the first difference: the longer the match, the larger.
    var best = Self.equalBits(bytes, here - d)
    var distance = d
    let (third, second) = (Self.equalBits(bytes, here - c), Self.equalBits(bytes, here - b))
    let first = Self.equalBits(bytes, here - a)
    if third > best { (best, distance) = (third, c) }
    if second > best { (best, distance) = (second, b) }
    if first > best { (best, distance) = (first, a) }
    guard best >= 0xffff_ffff else { return Match() }
    if best < .max {
      return Match(length: best.nonzeroBitCount &>> 3, distance: distance)
    }
    // An entry from exactly 65,536 bytes before looks like the position itself.
    guard distance > 0 else { return Match() }
    var length = 8
    while position &+ length &+ 8 <= end {
      let difference =
        (here + length).loadUnaligned(as: UInt64.self)
        ^ (here + length - distance).loadUnaligned(as: UInt64.self)
      if difference != 0 {
        return Match(
          length: length &+ difference.trailingZeroBitCount &>> 3, distance: distance)
      }
      length &+= 8
    }
    while position &+ length < end,
      input[position &+ length] == input[position &+ length &- distance]
    {
      length &+= 1
    }
    return Match(length: length, distance: distance)
  }

  @inline(__always)
  private static func equalBits(_ bytes: UInt64, _ candidate: UnsafeRawPointer) -> UInt64 {
    let difference = bytes ^ candidate.loadUnaligned(as: UInt64.self)
    return (difference & (0 &- difference)) &- 1
  }

  @inline(__always)
  private func distance(_ slot: Int, from position: Int) -> Int {
    Int(UInt16(truncatingIfNeeded: position) &- tables[slot])
  }

  @inline(__always)
  private func remember(_ input: UnsafePointer<UInt8>, at position: Int) {
    let here = UnsafeRawPointer(input + position)
    enter(position, Self.slots(here.loadUnaligned(as: UInt64.self), here))
  }

  @inline(__always)
  private func enter(_ position: Int, _ slots: (Int, Int, Int, Int)) {
    let entry = UInt16(truncatingIfNeeded: position)
    tables[slots.0] = entry
    tables[slots.1] = entry
    tables[slots.2] = entry
    tables[slots.3] = entry
  }

  /// The places of the next 4, 5, 7 and 10 bytes, each in its own table. Multiplicative hashes
  /// (Knuth, "The Art of Computer Programming", volume 3, 6.4).
  @inline(__always)
  private static func slots(_ bytes: UInt64, _ here: UnsafeRawPointer) -> (Int, Int, Int, Int) {
    let shift = 64 &- tableBits
    let factor: UInt64 = 0x9fb2_1c65_1e98_df25
    let two = (here + 2).loadUnaligned(as: UInt64.self)
    let long = (bytes &* factor) ^ (two &* 0xc2b2_ae3d_27d4_eb4f)
    return (
      Int(truncatingIfNeeded: ((bytes &<< 32) &* factor) &>> shift),
      tableCount &+ Int(truncatingIfNeeded: ((bytes &<< 24) &* factor) &>> shift),
      2 &* tableCount &+ Int(truncatingIfNeeded: ((bytes &<< 8) &* factor) &>> shift),
      3 &* tableCount &+ Int(truncatingIfNeeded: long &>> shift)
    )
  }

  /// One sequence: a token, literals, distance, and what of the length the token does not hold.
  ///
  /// SAFETY: 16 bytes can be read from `literals` on, since a match follows them.
  @inline(__always)
  private static func append(
    literals: UnsafePointer<UInt8>, count: Int, length: Int, distance: Int,
    to output: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var target = append(count: count, matchNibble: min(length &- 4, 15), to: output)
    if count <= 16 {
      UnsafeMutableRawPointer(target).storeBytes(
        of: UnsafeRawPointer(literals).loadUnaligned(as: SIMD16<UInt8>.self),
        as: SIMD16<UInt8>.self)
    } else {
      target.update(from: literals, count: count)
    }
    target += count
    UnsafeMutableRawPointer(target).storeBytes(
      of: UInt16(truncatingIfNeeded: distance).littleEndian, as: UInt16.self)
    target += 2
    return length &- 4 >= 15 ? append(rest: length &- 19, to: target) : target
  }

  /// The token, and what of the number of literals it does not hold.
  @inline(__always)
  private static func append(
    count: Int, matchNibble: Int, to output: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    output[0] = UInt8(truncatingIfNeeded: min(count, 15) &<< 4 | matchNibble)
    return count >= 15 ? append(rest: count &- 15, to: output + 1) : output + 1
  }

  private static func append(
    rest: Int, to output: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let full = rest / 255
    output.update(repeating: 255, count: full)
    output[full] = UInt8(truncatingIfNeeded: rest - 255 * full)
    return output + full + 1
  }
}
