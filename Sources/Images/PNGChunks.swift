import CPNG

enum PNGSignature {
  static let bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
}

/// One chunk of a PNG file: where its data lies, checked to lie inside the file.
struct PNGChunk {
  let type: PNGChunkType
  /// File offset of the data, behind length and type.
  let offset: Int
  let length: Int
  var end: Int { offset + length }
}

/// Four letters, big-endian as they stand in the file.
struct PNGChunkType: Equatable, CustomStringConvertible {
  let code: UInt32

  static let header = PNGChunkType("IHDR")
  static let palette = PNGChunkType("PLTE")
  static let transparency = PNGChunkType("tRNS")
  static let frame = PNGChunkType("fcTL")
  static let data = PNGChunkType("IDAT")
  static let end = PNGChunkType("IEND")

  init(code: UInt32) { self.code = code }

  private init(_ letters: StaticString) {
    code = letters.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
  }

  private var letters: [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: code >> $0) }
  }

  /// Letters, digits and "_", which is what Pillow asks of a chunk type.
  var isWellFormed: Bool {
    letters.allSatisfy { letter in
      switch letter {
      case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
      default: false
      }
    }
  }

  var description: String {
    isWellFormed ? String(decoding: letters, as: UTF8.self) : "0x" + String(code, radix: 16)
  }
}

/// Why the chunks of a file could not be followed, before it has a name for the message.
struct PNGFault: Error {
  let reason: ImageError.Reason
  let detail: String

  init(_ reason: ImageError.Reason, _ detail: String) {
    self.reason = reason
    self.detail = detail
  }

  func named(_ name: String) -> ImageError { ImageError(reason, name: name, detail: detail) }
}

/// Walks the chunks of a PNG file in memory.
struct PNGChunkWalker {
  let bytes: UnsafeRawBufferPointer
  /// File offset of the next chunk.
  private(set) var position = PNGSignature.bytes.count

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next chunk's type and place. Its data may still reach past the end of the file.
  ///
  /// Throws `truncated` if the file ends inside the eight bytes of length and type.
  mutating func next() throws(PNGFault) -> PNGChunk {
    guard position <= bytes.count, bytes.count - position >= 8 else {
      throw PNGFault(
        .truncated, "the PNG ends at byte \(bytes.count) where a chunk should begin")
    }
    let length = Int(bytes.bigEndian(at: position))
    let type = PNGChunkType(code: bytes.bigEndian(at: position + 4))
    guard type.isWellFormed else {
      throw PNGFault(.corrupt, "the PNG chunk at byte \(position) has the type \(type)")
    }
    let chunk = PNGChunk(type: type, offset: position + 8, length: length)
    // `length` is below 2^32, so the sum cannot overflow.
    position = chunk.end + 4
    return chunk
  }

  /// Throws `truncated` unless the data of `chunk` is in the file.
  func requireData(of chunk: PNGChunk) throws(PNGFault) {
    guard chunk.end <= bytes.count else {
      throw PNGFault(
        .truncated,
        "the PNG chunk \(chunk.type) needs \(chunk.length) bytes, \(bytes.count - chunk.offset)"
          + " are left")
    }
  }

  /// Throws unless the data of `chunk` is in the file and has the checksum that follows it.
  func verify(_ chunk: PNGChunk) throws(PNGFault) {
    try requireData(of: chunk)
    guard bytes.count - chunk.end >= 4 else {
      throw PNGFault(.truncated, "the PNG ends inside the checksum of chunk \(chunk.type)")
    }
    let covered = UnsafeRawBufferPointer(rebasing: bytes[(chunk.offset - 4)..<chunk.end])
    let start = covered.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let actual = UInt32(truncatingIfNeeded: crc32_z(0, start, covered.count))
    let stored = bytes.bigEndian(at: chunk.end)
    guard actual == stored else {
      throw PNGFault(
        .corrupt,
        "the PNG chunk \(chunk.type) at byte \(chunk.offset - 8) has another checksum than stored")
    }
  }
}

extension UnsafeRawBufferPointer {
  /// A big-endian 32-bit number; the caller checked that `offset + 4` bytes exist.
  func bigEndian(at offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
