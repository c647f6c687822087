import CZlib

/// CRC-32 (ISO 3309, reflected polynomial 0xEDB88320), the checksum of zip archives, by zlib.
package enum CRC32 {
  package static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let base = bytes.baseAddress else { return 0 }
    return UInt32(
      truncatingIfNeeded: crc32_z(0, base.assumingMemoryBound(to: UInt8.self), bytes.count))
  }
}
