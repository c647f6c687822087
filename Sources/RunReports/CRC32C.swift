/// The Castagnoli checksum (RFC 3720, B.4) that frames TensorBoard's records.
///
/// Records of scalars are some hundred bytes: a table of 256 is fast enough.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) }
  }

  static func checksum(of bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in crc >> 8 ^ table[Int((crc ^ UInt32(byte)) & 0xFF)] }
  }

  /// As TFRecord stores it: rotated and offset, so that checksums of checksums do not cancel.
  static func masked(of bytes: [UInt8]) -> UInt32 {
    let crc = checksum(of: bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
