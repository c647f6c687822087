import Checksums

/// What of a PNG file decides its pixels by Pillow's rules, which are not libpng's.
///
/// Pillow asks for the right checksum in front of the image data and not in it, takes palettes that
/// are short or missing, the last of two headers, data that the file cuts off, and animations whose
/// first frame is a part of the image. ``plain(in:)`` writes a PNG in which all this is settled, so
/// that libpng reads what Pillow reads.
struct PNGFile {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The chunk types that matter, as the four letters read as a big-endian number.
  private enum Kind: UInt32 {
    case header = 0x4948_4452
    case palette = 0x504C_5445
    case transparency = 0x7452_4E53
    case frame = 0x6663_544C
    case exif = 0x6558_4966
    case data = 0x4944_4154
    case end = 0x4945_4E44
  }

  private struct Chunk {
    let type: UInt32
    /// Where its data is said to lie; it may reach past the end of the file.
    let data: Range<Int>
    var kind: Kind? { Kind(rawValue: type) }
    var description: String {
      String(decoding: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: type >> $0) }, as: UTF8.self)
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private let name: String
  private var position = PNGFile.signature.count

  /// Of the whole image, in pixels.
  private(set) var width = 0
  private(set) var height = 0
  /// The part of the image that the data covers.
  private(set) var frame: (x: Int, y: Int, width: Int, height: Int)?
  private(set) var isInterlaced = false
  /// 256 RGB triples, black where the file gives none.
  private(set) var palette = [UInt8](repeating: 0, count: 768)
  private var bitDepth: UInt8 = 0
  private var colorType: UInt8 = 0
  private var hasPalette = false
  private var hasOneTransparentEntry = false
  /// The bytes of the image data's chunks that are in the file.
  private var data: [Range<Int>] = []

  var isPalette: Bool { colorType == 3 }

  /// Reads the chunks and checks what Pillow checks.
  init(_ bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) {
    self.bytes = bytes
    self.name = name
    while true {
      let chunk = try next()
      if chunk.kind == .data {
        data.append(chunk.data.clamped(to: 0..<bytes.count))
        break
      }
      if chunk.kind == .end { throw fault(.corrupt, "the PNG has no image data") }
      try verify(chunk)
      try read(chunk)
    }
    guard width > 0, height > 0 else {
      throw fault(.corrupt, "the PNG has no valid header in front of its data")
    }
    if isPalette && !hasPalette && hasOneTransparentEntry {
      throw fault(.corrupt, "the PNG has a transparent palette entry but no palette")
    }
    try readRest()
  }

  /// The rest of the image data, and then chunks of which only the length matters: a file may end
  /// anywhere between chunks, but a chunk that has begun must be whole.
  private mutating func readRest() throws(ImageError) {
    var isData = true
    while let chunk = try? next(), chunk.kind != .end {
      if chunk.kind != .data { isData = false }
      if isData {
        data.append(chunk.data.clamped(to: 0..<bytes.count))
      } else if chunk.data.upperBound > bytes.count {
        throw fault(.truncated, "the PNG ends inside its chunk \(chunk.description)")
      }
    }
  }

  /// The EXIF block of a file, or nil where it has none or the chunks cannot be followed to it.
  static func exif(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var file = PNGFile(unread: bytes)
    while let chunk = try? file.next(), chunk.data.upperBound <= bytes.count, chunk.kind != .end {
      if chunk.kind == .exif { return UnsafeRawBufferPointer(rebasing: bytes[chunk.data]) }
    }
    return nil
  }

  private init(unread bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    name = ""
  }

  /// Writes the image (or its frame) as signature, IHDR, PLTE, IDAT and IEND chunks, with zeros for
  /// checksums.
  func plain(in buffer: ScratchBuffer) -> UnsafeBufferPointer<UInt8> {
    let size = frame.map { ($0.width, $0.height) } ?? (width, height)
    let start = buffer.reserve(bytes.count + 12 * data.count + 1024)
    var count = 0
    // SAFETY: data lies inside the file and does not overlap; header, palette, end and signature
    // take 853 bytes, and every chunk 12.
    func append(_ source: UnsafeRawBufferPointer) {
      if let base = source.baseAddress {
        UnsafeMutableRawPointer(start + count).copyMemory(from: base, byteCount: source.count)
      }
      count += source.count
    }
    func append(_ number: UInt32) { withUnsafeBytes(of: number.bigEndian) { append($0) } }
    func append(_ kind: Kind, _ content: UnsafeRawBufferPointer) {
      append(UInt32(content.count))
      append(kind.rawValue)
      append(content)
      append(0)
    }
    Self.signature.withUnsafeBytes { append($0) }
    append(13)
    append(Kind.header.rawValue)
    append(UInt32(size.0))
    append(UInt32(size.1))
    [bitDepth, colorType, 0, 0, isInterlaced ? 1 : 0].withUnsafeBytes { append($0) }
    append(0)
    if isPalette { palette.withUnsafeBytes { append(.palette, $0) } }
    for range in data { append(.data, UnsafeRawBufferPointer(rebasing: bytes[range])) }
    append(.end, UnsafeRawBufferPointer(start: nil, count: 0))
    return UnsafeBufferPointer(start: start, count: count)
  }

  private func fault(_ reason: ImageError.Reason, _ detail: String) -> ImageError {
    ImageError(reason, name: name, detail: detail)
  }

  /// A big-endian number; the caller checked that its four bytes are there.
  private func number(in bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  private mutating func next() throws(ImageError) -> Chunk {
    guard position <= bytes.count, bytes.count - position >= 8 else {
      throw fault(.truncated, "the PNG ends at byte \(bytes.count) where a chunk should begin")
    }
    let start = position + 8
    let length = Int(number(in: bytes, at: position))
    let chunk = Chunk(type: number(in: bytes, at: position + 4), data: start..<start + length)
    // Letters, digits and "_", which is what Pillow asks of a chunk type.
    guard
      bytes[position + 4..<start].allSatisfy({
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x5F
          || (0x61...0x7A).contains($0)
      })
    else {
      throw fault(
        .corrupt,
        "the PNG chunk at byte \(position) has the type 0x" + String(chunk.type, radix: 16))
    }
    position = chunk.data.upperBound + 4
    return chunk
  }

  private func verify(_ chunk: Chunk) throws(ImageError) {
    guard chunk.data.upperBound + 4 <= bytes.count else {
      throw fault(
        .truncated,
        "the PNG chunk \(chunk.description) needs \(chunk.data.count + 4) bytes, "
          + "\(bytes.count - chunk.data.lowerBound) are left")
    }
    let covered = bytes[chunk.data.lowerBound - 4..<chunk.data.upperBound]
    guard
      CRC32.checksum(of: UnsafeRawBufferPointer(rebasing: covered))
        == number(in: bytes, at: chunk.data.upperBound)
    else {
      throw fault(.corrupt, "the PNG chunk \(chunk.description) does not match its checksum")
    }
  }

  private mutating func read(_ chunk: Chunk) throws(ImageError) {
    let data = UnsafeRawBufferPointer(rebasing: bytes[chunk.data])
    func require(_ count: Int) throws(ImageError) {
      guard data.count >= count else {
        throw fault(
          .corrupt,
          "the PNG chunk \(chunk.description) has \(data.count) bytes, expected \(count) or more")
      }
    }
    switch chunk.kind {
    case .header:
      try require(13)
      try readHeader(data)
    case .palette where isPalette:
      guard data.count / 3 <= 256 else {
        throw fault(.corrupt, "the PNG palette has \(data.count / 3) entries, at most 256 fit")
      }
      let given = data.prefix(data.count / 3 * 3)
      palette = given + [UInt8](repeating: 0, count: 768 - given.count)
      hasPalette = true
    case .transparency where isPalette:
      // Transparency itself is ignored; only what makes Pillow refuse the file matters.
      hasOneTransparentEntry = data.filter { $0 != 255 }.elementsEqual([0])
    case .transparency where colorType == 0 && width > 0: try require(2)
    case .transparency where colorType == 2: try require(6)
    case .frame:
      try require(26)
      try readFrame([4, 8, 12, 16].map { Int(number(in: data, at: $0)) })
    default: break
    }
  }

  private mutating func readHeader(_ data: UnsafeRawBufferPointer) throws(ImageError) {
    (width, height) = (Int(number(in: data, at: 0)), Int(number(in: data, at: 4)))
    (bitDepth, colorType) = (data[8], data[9])
    let depths: [UInt8: [UInt8]] = [
      0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]
    guard depths[colorType]?.contains(bitDepth) == true else {
      throw fault(
        .corrupt, "the PNG has the bit depth \(bitDepth) with the color type \(colorType)")
    }
    guard data[11] == 0 else {
      throw fault(.corrupt, "the PNG has the filter method \(data[11]), expected 0")
    }
    isInterlaced = data[12] != 0
  }

  private mutating func readFrame(_ numbers: [Int]) throws(ImageError) {
    let frame = (x: numbers[2], y: numbers[3], width: numbers[0], height: numbers[1])
    guard frame.width > 0, frame.height > 0, frame.x + frame.width <= width,
      frame.y + frame.height <= height
    else {
      throw fault(
        .corrupt,
        "the PNG frame of \(frame.width)x\(frame.height) at \(frame.x),\(frame.y) leaves the"
          + " image of \(width)x\(height)")
    }
    self.frame = frame
  }
}
