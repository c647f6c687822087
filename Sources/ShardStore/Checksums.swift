import CCrypto
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
}

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, by OpenSSL.
public struct SHA256Digest: ~Copyable {
  private let context: OpaquePointer

  public init() {
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Writes the 32 bytes of the digest to `output` and starts anew.
  public mutating func finish(into output: UnsafeMutablePointer<UInt8>) {
    EVP_DigestFinal_ex(context, output, nil)
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  /// The digest as 64 hexadecimal digits; starts anew.
  public mutating func finishHex() -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    finish(into: &bytes)
    return Self.hex(bytes)
  }

  public static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text = [UInt8]()
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  public static func hex(of bytes: UnsafeRawBufferPointer) -> String {
    var digest = SHA256Digest()
    digest.update(bytes)
    return digest.finishHex()
  }
}
