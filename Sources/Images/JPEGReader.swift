import CJPEG

/// Decodes JPEG through libjpeg, set up as Pillow sets up its own: ISLOW transform,
/// fancy upsampling, a source that suspends when the file ends early.
final class JPEGReader: ImageReader {
  private let decoder: OpaquePointer
  private let padded = ScratchBuffer()

  /// libjpeg-turbo leaves its fast Huffman path when less than 512 bytes per block of an MCU (at
  /// most 10) remain, which in a 7 KB file is nearly half of the image. A small file is therefore
  /// copied in front of this many zeros.
  private let padding = 5_120
  private let largestPadded = 1 << 18

  init() {
    guard let decoder = cjpeg_decoder_create() else {
      preconditionFailure("no memory for a JPEG decoder")
    }
    self.decoder = decoder
  }

  deinit { cjpeg_decoder_destroy(decoder) }

  func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, into buffer: ScratchBuffer
  ) throws(ImageError) -> RGBView {
    if endsWithMarker(bytes) {
      let result = Result { () throws(ImageError) in
        try decodePadded(bytes, name: name, limits: limits, into: buffer)
      }
      // Where nothing past the file was read, the padding made no difference.
      if cjpeg_decoder_overran(decoder) == 0 { return try result.get() }
    }
    return try decode(
      bytes, readable: bytes.count, name: name, limits: limits, into: buffer)
  }

  func decodeOnly(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits
  ) throws(ImageError) -> Int {
    let header = try begin(bytes, readable: bytes.count, name: name, limits: limits)
    try check(cjpeg_decoder_discard(decoder), byteCount: bytes.count, name: name)
    return Int(header.width) * Int(header.height)
  }

  /// The EXIF block of a file, or nil where it has none or the segments in front of the image data
  /// cannot be followed to it.
  static func exif(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      // A fill byte, or a marker without a length.
      if marker == 0xFF || marker == 0x01 || (0xD0...0xD8).contains(marker) {
        position += marker == 0xFF ? 1 : 2
        continue
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = position + 2 + length
      // Start of scan, end of image: no segments follow.
      guard marker != 0xDA, marker != 0xD9, length >= 2, end <= bytes.count else { return nil }
      let segment = bytes[position + 4..<end]
      if marker == 0xE1, segment.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) {
        return UnsafeRawBufferPointer(rebasing: segment.dropFirst(6))
      }
      position = end
    }
    return nil
  }

  /// Whether the file is small and ends with an end-of-image marker, at which the decoder of an
  /// intact file stops.
  private func endsWithMarker(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count <= largestPadded && bytes.suffix(2).elementsEqual([0xFF, 0xD9])
  }

  private func decodePadded(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, into buffer: ScratchBuffer
  ) throws(ImageError) -> RGBView {
    let readable = bytes.count + padding
    let copy = UnsafeMutableRawPointer(padded.reserve(readable))
    if let source = bytes.baseAddress { copy.copyMemory(from: source, byteCount: bytes.count) }
    (copy + bytes.count).initializeMemory(as: UInt8.self, repeating: 0, count: padding)
    let slice = UnsafeRawBufferPointer(start: copy, count: bytes.count)
    return try decode(slice, readable: readable, name: name, limits: limits, into: buffer)
  }

  private func decode(
    _ bytes: UnsafeRawBufferPointer, readable: Int, name: String, limits: ImageLimits,
    into buffer: ScratchBuffer
  ) throws(ImageError) -> RGBView {
    let header = try begin(bytes, readable: readable, name: name, limits: limits)
    let width = Int(header.width)
    let height = Int(header.height)
    let stride = width * Int(header.row_channels)
    let pixels = buffer.reserve(stride * height)
    try check(
      cjpeg_decoder_read(decoder, pixels, stride), byteCount: bytes.count, name: name)
    if header.row_channels == 4 { convertCMYK(pixels, count: width * height) }
    return RGBView(pixels: pixels, width: width, height: height)
  }

  private func begin(
    _ bytes: UnsafeRawBufferPointer, readable: Int, name: String, limits: ImageLimits
  ) throws(ImageError) -> cjpeg_header {
    var header = cjpeg_header()
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    try check(
      cjpeg_decoder_begin(decoder, start, bytes.count, readable, &header),
      byteCount: bytes.count, name: name)
    guard [1, 3, 4].contains(header.file_channels) else {
      throw ImageError(
        .corrupt, name: name,
        detail: "the JPEG has \(header.file_channels) channels, expected 1, 3 or 4")
    }
    try limits.check(width: Int(header.width), height: Int(header.height), name: name)
    return header
  }

  private func check(
    _ status: cjpeg_status, byteCount: Int, name: String
  ) throws(ImageError) {
    switch status {
    case CJPEG_OK: return
    case CJPEG_TRUNCATED:
      throw ImageError(
        .truncated, name: name, detail: "the JPEG data ends early, after \(byteCount) bytes")
    case CJPEG_TOO_LARGE:
      throw ImageError(.tooLarge, name: name, detail: message)
    default:
      throw ImageError(.corrupt, name: name, detail: "libjpeg says \"\(message)\"")
    }
  }

  private var message: String { String(cString: cjpeg_decoder_message(decoder)) }

  /// CMYK as Adobe programs store it (inverted) to RGB, in place: 4 bytes become 3.
  ///
  /// The arithmetic is Pillow's `cmyk2rgb` after its "CMYK;I" unpacker, including the rounding of
  /// its division by 255.
  private func convertCMYK(_ pixels: UnsafeMutablePointer<UInt8>, count: Int) {
    // SAFETY: `pixels` holds 4 * count bytes, and 3 * i + 2 never passes 4 * i + 3.
    for i in 0..<count {
      let black = Int(pixels[4 * i + 3])
      for channel in 0..<3 {
        let ink = 255 - Int(pixels[4 * i + channel])
        let product = ink * black + 128
        let quotient = ((product >> 8) + product) >> 8
        pixels[3 * i + channel] = UInt8(max(0, black - quotient))
      }
    }
  }
}
