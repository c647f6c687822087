import Checksums
import Experiment
import Store

/// Any JSON.
@Sendable func fuzzJSON(_ bytes: UnsafeRawBufferPointer) {
  guard let value = try? JSONValue.decoded(bytes), let text = try? value.encoded() else { return }
  // What was written reads back to the same text.
  let again = try? text.withUnsafeBytes { try JSONValue.decoded($0) }.encoded()
  precondition(again == text, "JSON changes when it is written and read")
}

/// A store's root metadata, with the digest that it must have: else nothing else is looked at.
@Sendable func fuzzMetadata(_ bytes: UnsafeRawBufferPointer) {
  var text = [UInt8](bytes)
  let key = Array("\"metadata_sha256\" : \"".utf8)
  if let start = text.firstRange(of: key)?.upperBound, start + 64 <= text.count {
    let place = start..<start + 64
    text.replaceSubrange(place, with: repeatElement(UInt8(ascii: "0"), count: 64))
    let digest = text.withUnsafeBytes { SHA256Digest.hex(of: $0) }
    text.replaceSubrange(place, with: digest.utf8)
  }
  text.withUnsafeBytes { _ = try? RootMetadata(bytes: $0, file: "fuzz") }
}

/// A sample's chunk, of either codec, with the checksum that it must have.
@Sendable func fuzzChunk(_ bytes: UnsafeRawBufferPointer) {
  guard let first = bytes.first else { return }
  let codec = PixelCodec.allCases[Int(first) % PixelCodec.allCases.count]
  guard let layout = try? ImageLayout(size: 32, samplesPerShard: 1, codec: codec) else { return }
  var chunk = [UInt8](bytes.dropFirst())
  let checksum = chunk.withUnsafeBytes { CRC32C.checksum($0) }
  withUnsafeBytes(of: checksum.littleEndian) { chunk.append(contentsOf: $0) }
  var pixels = [UInt8](repeating: 0, count: layout.sampleByteCount)
  chunk.withUnsafeBytes { chunk in
    pixels.withUnsafeMutableBufferPointer { pixels in
      // SAFETY: an array of a sample's size is not empty.
      _ = SampleDecoder(layout: layout).decode(chunk, into: pixels.baseAddress!)
    }
  }
}
