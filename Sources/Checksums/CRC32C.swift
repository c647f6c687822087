import CSystem

/// CRC-32C (Castagnoli), the checksum of Zarr's `crc32c` codec (RFC 3720, appendix B.4).
package enum CRC32C {
  /// The checksum of `bytes`, by the processor's own instruction.
  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc: UInt64 = 0xffff_ffff
    guard let base = bytes.baseAddress else { return 0 }
    var offset = 0
    // SAFETY: every load ends at or before `bytes.count`.
    while offset + 8 <= bytes.count {
      crc = system_crc32c_8(crc, base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail = UInt32(truncatingIfNeeded: crc)
    while offset < bytes.count {
      tail = system_crc32c_1(tail, base.load(fromByteOffset: offset, as: UInt8.self))
      offset += 1
    }
    return ~tail
  }

  /// As TFRecord stores it (TensorFlow, `tfrecord.h`): rotated and offset, so that checksums of
  /// checksums do not cancel.
  package static func masked(of bytes: [UInt8]) -> UInt32 {
    let crc = bytes.withUnsafeBytes { checksum($0) }
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
