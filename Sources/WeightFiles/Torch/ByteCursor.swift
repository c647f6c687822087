/// Reads little-endian integers and runs of bytes in order; nil where the range ends too early.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int
  private let end: Int

  /// - Precondition: `range` lies inside `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a cursor stays inside")
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  mutating func uint8() -> UInt8? { integer() }
  mutating func uint16() -> UInt16? { integer() }
  mutating func uint32() -> UInt32? { integer() }
  mutating func uint64() -> UInt64? { integer() }

  /// The place of the next `count` bytes.
  mutating func range(_ count: Int) -> Range<Int>? {
    guard count >= 0, count <= end - offset else { return nil }
    defer { offset += count }
    return offset..<offset + count
  }

  mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
    range(count).map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
  }

  /// Passes over bytes; past the end, every later read gives nil.
  mutating func skip(_ count: Int) {
    offset = min(end, offset + count)
  }

  /// The bytes up to the next line feed, which is passed over; nil where more than `limit` precede.
  mutating func line(limit: Int) -> UnsafeRawBufferPointer? {
    let reach = offset..<min(end, offset + limit + 1)
    guard let feed = bytes[reach].firstIndex(of: 0x0A) else { return nil }
    defer { offset = feed + 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<feed])
  }

  private mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>() -> Integer? {
    range(MemoryLayout<Integer>.size).map {
      Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: $0.lowerBound, as: Integer.self))
    }
  }
}
