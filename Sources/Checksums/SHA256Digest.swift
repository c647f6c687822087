import CCrypto

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces, by OpenSSL.
package struct SHA256Digest: ~Copyable {
  private let context: OpaquePointer

  package init() {
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Writes the 32 bytes of the digest to `output` and starts anew.
  package mutating func finish(into output: UnsafeMutablePointer<UInt8>) {
    EVP_DigestFinal_ex(context, output, nil)
    // Without naming the hash again, which would be looked up under a lock.
    EVP_DigestInit_ex(context, nil, nil)
  }

  /// The digest as 64 hexadecimal digits; starts anew.
  package mutating func finishHex() -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    finish(into: &bytes)
    return Self.hex(bytes)
  }

  package static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text = [UInt8]()
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  package static func hex(of bytes: UnsafeRawBufferPointer) -> String {
    var digest = SHA256Digest()
    digest.update(bytes)
    return digest.finishHex()
  }
}
