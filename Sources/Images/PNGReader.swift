import CPNG

/// Decodes PNG through libpng, with Pillow's answer to what is damaged or unusual; see ``PNGFile``.
final class PNGReader: ImageReader {
  private let plain = ScratchBuffer()

  func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, into buffer: ScratchBuffer
  ) throws(ImageError) -> RGBView {
    let file = try PNGFile(bytes, name: name)
    try limits.check(width: file.width, height: file.height, name: name)
    let pixels = buffer.reserve(3 * file.width * file.height)
    fill(pixels, with: file.isPalette ? file.palette : [0], count: file.width * file.height)

    let (x, y, width, height) = file.frame ?? (0, 0, file.width, file.height)
    // Pillow places the rows of an interlaced part at the image's corner. SAFETY: the frame lies
    // inside the image.
    let corner = file.isInterlaced ? pixels : pixels + 3 * (y * file.width + x)
    let plain = file.plain(in: plain)
    var status = CPNG_OK
    let message = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CPNG_MESSAGE_SIZE)) {
      text in
      status = cpng_read_rgb(
        plain.baseAddress, plain.count, UInt32(width), UInt32(height), corner, 3 * file.width,
        text.baseAddress)
      return status == CPNG_OK ? "" : String(cString: text.baseAddress!)
    }
    switch status {
    case CPNG_OK: return RGBView(pixels: pixels, width: file.width, height: file.height)
    case CPNG_TRUNCATED:
      throw ImageError(
        .truncated, name: name, detail: "the image data of the PNG ends before the last row")
    default:
      throw ImageError(.corrupt, name: name, detail: "libpng says \"\(message)\"")
    }
  }

  /// What a pixel of zero bits means, for images whose data ends early.
  private func fill(_ pixels: UnsafeMutablePointer<UInt8>, with colors: [UInt8], count: Int) {
    pixels.update(repeating: 0, count: 3 * count)
    guard colors.prefix(3).contains(where: { $0 != 0 }) else { return }
    for i in 0..<3 * count { pixels[i] = colors[i % 3] }
  }
}
