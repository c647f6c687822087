/// How the samples of a PNG are stored. Raw values in comments are PNG's (bit depth, colour type).
struct PNGSampleLayout: Equatable {
  enum Kind: Equatable {
    /// Up to 8 bits that name a colour: gray levels or palette entries.
    case indexed(isPalette: Bool)
    /// 16-bit gray.
    case gray16
    /// Whole bytes, of which three say red, green and blue.
    case bytes(red: Int, green: Int, blue: Int)
  }

  let kind: Kind
  let bitsPerPixel: Int

  /// Nil for a pair that PNG does not know.
  init?(bitDepth: UInt8, colorType: UInt8) {
    switch (bitDepth, colorType) {
    case (1, 0), (2, 0), (4, 0), (8, 0):
      self.init(.indexed(isPalette: false), Int(bitDepth))
    case (16, 0): self.init(.gray16, 16)
    case (8, 2): self.init(.bytes(red: 0, green: 1, blue: 2), 24)
    // Of 16-bit colour the high bytes are used, as in Pillow.
    case (16, 2): self.init(.bytes(red: 0, green: 2, blue: 4), 48)
    case (1, 3), (2, 3), (4, 3), (8, 3):
      self.init(.indexed(isPalette: true), Int(bitDepth))
    case (8, 4): self.init(.bytes(red: 0, green: 0, blue: 0), 16)
    case (16, 4): self.init(.bytes(red: 0, green: 0, blue: 0), 32)
    case (8, 6): self.init(.bytes(red: 0, green: 1, blue: 2), 32)
    case (16, 6): self.init(.bytes(red: 0, green: 2, blue: 4), 64)
    default: return nil
    }
  }

  private init(_ kind: Kind, _ bitsPerPixel: Int) {
    self.kind = kind
    self.bitsPerPixel = bitsPerPixel
  }

  var isPalette: Bool { kind == .indexed(isPalette: true) }

  /// Bytes of a row of `width` pixels.
  func rowLength(_ width: Int) -> Int { (bitsPerPixel * width + 7) / 8 }

  /// The distance of a byte to the same byte of the pixel to its left, at least 1.
  var filterDistance: Int { (bitsPerPixel + 7) / 8 }
}

/// Everything that the chunks in front of the image data say.
struct PNGHeader {
  private(set) var width = 0
  private(set) var height = 0
  private(set) var layout: PNGSampleLayout?
  private(set) var isInterlaced = false
  /// 256 RGB triples; entries that the file does not give are black.
  private(set) var palette = [UInt8](repeating: 0, count: 768)
  /// The part of the image that the data covers: all of it, but for some animated files.
  private(set) var frame: Frame?
  /// The first chunk of image data.
  private(set) var firstData = PNGChunk(type: .data, offset: 0, length: 0)

  struct Frame {
    var x, y, width, height: Int
  }

  private var hasPalette = false
  private var hasSingleTransparentEntry = false

  /// Reads and checks the chunks up to the first image data. As in Pillow, every chunk before the
  /// data must have the right checksum, and the data itself need not.
  init(_ walker: inout PNGChunkWalker) throws(PNGFault) {
    while true {
      let chunk = try walker.next()
      if chunk.type == .data {
        firstData = chunk
        break
      }
      if chunk.type == .end { throw PNGFault(.corrupt, "the PNG has no image data") }
      try walker.verify(chunk)
      try read(chunk, of: walker.bytes)
    }
    guard let layout, width > 0, height > 0 else {
      throw PNGFault(
        .corrupt, "the PNG has no valid header in front of its data (\(width)x\(height) pixels)")
    }
    if layout.isPalette && !hasPalette && hasSingleTransparentEntry {
      throw PNGFault(.corrupt, "the PNG has a transparent palette entry but no palette")
    }
  }

  private mutating func read(
    _ chunk: PNGChunk, of bytes: UnsafeRawBufferPointer
  ) throws(PNGFault) {
    let data = UnsafeRawBufferPointer(rebasing: bytes[chunk.offset..<chunk.end])
    switch chunk.type {
    case .header: try readHeader(data)
    case .palette: try readPalette(data)
    case .transparency: try readTransparency(data)
    case .frame: try readFrame(data)
    default: break
    }
  }

  private mutating func readHeader(_ data: UnsafeRawBufferPointer) throws(PNGFault) {
    try require(data, 13, .header)
    width = Int(data.bigEndian(at: 0))
    height = Int(data.bigEndian(at: 4))
    layout = PNGSampleLayout(bitDepth: data[8], colorType: data[9])
    guard layout != nil else {
      throw PNGFault(
        .corrupt, "the PNG has the bit depth \(data[8]) with the colour type \(data[9])")
    }
    guard data[11] == 0 else {
      throw PNGFault(.corrupt, "the PNG has the filter method \(data[11]), expected 0")
    }
    isInterlaced = data[12] != 0
  }

  private mutating func readPalette(_ data: UnsafeRawBufferPointer) throws(PNGFault) {
    guard let layout, layout.isPalette else { return }
    guard data.count / 3 <= 256 else {
      throw PNGFault(.corrupt, "the PNG palette has \(data.count / 3) entries, at most 256 fit")
    }
    palette = [UInt8](repeating: 0, count: 768)
    for i in 0..<(data.count / 3 * 3) { palette[i] = data[i] }
    hasPalette = true
  }

  private mutating func readTransparency(_ data: UnsafeRawBufferPointer) throws(PNGFault) {
    // Transparency itself is ignored; only what makes Pillow refuse the file matters.
    switch layout?.kind {
    case .indexed(isPalette: true):
      hasSingleTransparentEntry =
        data.contains(0) && data.filter { $0 != 255 }.elementsEqual([0])
    case .indexed, .gray16: try require(data, 2, .transparency)
    case .bytes:
      if layout?.bitsPerPixel == 24 || layout?.bitsPerPixel == 48 {
        try require(data, 6, .transparency)
      }
    case nil: break
    }
  }

  private mutating func readFrame(_ data: UnsafeRawBufferPointer) throws(PNGFault) {
    try require(data, 26, .frame)
    let numbers = [4, 8, 12, 16].map { Int(data.bigEndian(at: $0)) }
    let frame = Frame(x: numbers[2], y: numbers[3], width: numbers[0], height: numbers[1])
    guard frame.width > 0, frame.height > 0, frame.x + frame.width <= width,
      frame.y + frame.height <= height
    else {
      throw PNGFault(
        .corrupt,
        "the PNG frame of \(frame.width)x\(frame.height) at \(frame.x),\(frame.y) leaves the"
          + " image of \(width)x\(height)")
    }
    self.frame = frame
  }

  private func require(
    _ data: UnsafeRawBufferPointer, _ count: Int, _ type: PNGChunkType
  ) throws(PNGFault) {
    guard data.count >= count else {
      throw PNGFault(
        .corrupt, "the PNG chunk \(type) has \(data.count) bytes, expected \(count) or more")
    }
  }
}
