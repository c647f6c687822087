/// Decodes JPEG and PNG files in memory to 8-bit RGB, byte for byte as Pillow's
/// `Image.open(file).convert("RGB")` does.
///
/// ```swift
/// let decoder = ImageDecoder()
/// let view = try decoder.decode(bytes, name: path)
/// resampler.resample(view, into: planes)
/// ```
///
/// One decoder belongs to one thread and keeps its buffers from image to image, but nothing that
/// could change a result. As in Pillow, alpha, gamma, colour profiles and EXIF orientation are
/// ignored, and corrupt entropy-coded data is tolerated as long as libjpeg produces all rows.
package final class ImageDecoder {
  package let limits: ImageLimits
  private let pixels = ScratchBuffer()
  private let jpeg = JPEGReader()
  private let png = PNGReader()

  package init(limits: ImageLimits = ImageLimits()) {
    self.limits = limits
  }

  /// Decodes one image.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: how errors call it.
  /// - Returns: pixels that are valid until the next call.
  package func decode(_ bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) -> RGBView {
    switch try format(of: bytes, name: name) {
    case .jpeg: try jpeg.decode(bytes, name: name, limits: limits, into: pixels)
    case .png: try png.decode(bytes, name: name, limits: limits, into: pixels)
    }
  }

  /// Reads only the header of an image, with the same checks of it as ``decode(_:name:)``.
  package func inspect(
    _ bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> ImageHeader {
    switch try format(of: bytes, name: name) {
    case .jpeg: try jpeg.inspect(bytes, name: name, limits: limits)
    case .png: try png.inspect(bytes, name: name, limits: limits)
    }
  }

  /// Lets libjpeg decode a JPEG and drops the rows: the ceiling for anything built on top of it.
  ///
  /// - Returns: the number of pixels.
  package func decodeOnly(
    _ bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> Int {
    guard try format(of: bytes, name: name) == .jpeg else {
      throw ImageError(.notAnImage, name: name, detail: "only JPEG decoding is measured alone")
    }
    return try jpeg.decodeOnly(bytes, name: name, limits: limits)
  }

  private func format(
    of bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> ImageFormat {
    if let format = ImageFormat(signatureOf: bytes) { return format }
    let detail =
      bytes.isEmpty
      ? "the file is empty"
      : "its first bytes are \(bytes.prefix(4).map { hexadecimal($0) }.joined(separator: " "))"
    throw ImageError(.notAnImage, name: name, detail: detail)
  }
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return byte < 16 ? "0" + digits : digits
}
