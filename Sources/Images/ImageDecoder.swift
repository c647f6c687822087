/// Decodes image files in memory to 8-bit RGB, byte for byte as Pillow's
/// `Image.open(file).convert("RGB")` does.
///
/// ```swift
/// let decoder = ImageDecoder()
/// let view = try decoder.decode(bytes, name: path)
/// resampler.resample(view, into: planes)
/// ```
///
/// One decoder belongs to one thread and keeps its buffers from image to image, but nothing that
/// could change a result. As in Pillow, alpha, gamma and color profiles are ignored, and corrupt
/// entropy-coded data is tolerated as long as libjpeg produces all rows.
package final class ImageDecoder {
  private let limits: ImageLimits
  private let pixels = ScratchBuffer()
  private let turned = ScratchBuffer()
  /// One for each of the formats, where it is read.
  private let readers = ImageFormat.all.map { $0.makeReader?() }

  package init(limits: ImageLimits = ImageLimits()) {
    self.limits = limits
  }

  /// Decodes one image.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: how errors call it.
  ///   - upright: whether an EXIF orientation is applied; the pixels are those stored if not.
  /// - Returns: pixels that are valid until the next call.
  package func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, upright: Bool = false
  ) throws(ImageError) -> RGBView {
    let view = try reader(of: bytes, name: name).decode(
      bytes, name: name, limits: limits, into: pixels)
    guard upright else { return view }
    let orientation = ExifOrientation(of: bytes)
    return orientation == .upright ? view : view.turned(upright: orientation, in: turned)
  }

  /// Lets libjpeg decode a JPEG and drops the rows: the ceiling for anything built on top of it.
  ///
  /// - Returns: the number of pixels.
  package func decodeOnly(
    _ bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> Int {
    guard let jpeg = try reader(of: bytes, name: name) as? JPEGReader else {
      throw ImageError(.notAnImage, name: name, detail: "only JPEG decoding is measured alone")
    }
    return try jpeg.decodeOnly(bytes, name: name, limits: limits)
  }

  private func reader(
    of bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) -> any ImageReader {
    if let format = ImageFormat.index(of: bytes) {
      if let reader = readers[format] { return reader }
      throw ImageError(.unsupported, name: name, detail: ImageFormat.all[format].title)
    }
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
