/// The checksum of zip archives: CRC-32 with the reflected polynomial 0xEDB88320 (ISO 3309).
enum CRC32 {
  /// Eight tables of 256, one after the other: `tables[k * 256 + b]` is what byte b does when k
  /// more bytes follow it ("slicing by 8": eight bytes a step instead of one).
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
      tables[byte] = value
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      // SAFETY: the index into `tables` is k * 256 + a byte with k < 8; offsets stay below count.
      let table = tables.baseAddress!
      var crc = ~UInt32(0)
      var offset = 0
      while offset + 8 <= bytes.count {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let mixed = word ^ UInt64(crc)
        crc = table[7 * 256 + Int(mixed & 0xFF)]
        crc ^= table[6 * 256 + Int(mixed >> 8 & 0xFF)]
        crc ^= table[5 * 256 + Int(mixed >> 16 & 0xFF)]
        crc ^= table[4 * 256 + Int(mixed >> 24 & 0xFF)]
        crc ^= table[3 * 256 + Int(mixed >> 32 & 0xFF)]
        crc ^= table[2 * 256 + Int(mixed >> 40 & 0xFF)]
        crc ^= table[1 * 256 + Int(mixed >> 48 & 0xFF)]
        crc ^= table[Int(mixed >> 56)]
        offset += 8
      }
      while offset < bytes.count {
        crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[offset])) & 0xFF)]
        offset += 1
      }
      return ~crc
    }
  }
}
