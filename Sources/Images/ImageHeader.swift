/// The file formats that are decoded, told apart by their first bytes and never by a file name.
package enum ImageFormat: String, Sendable {
  case jpeg
  case png

  /// The format whose signature `bytes` begins with, or nil.
  package init?(signatureOf bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: PNGSignature.bytes) {
      self = .png
    } else {
      return nil
    }
  }
}

/// What an image says of itself before any pixel is decoded.
package struct ImageHeader: Equatable, Sendable {
  package let format: ImageFormat
  /// Columns, as stored: an EXIF orientation is not applied.
  package let width: Int
  /// Rows, as stored.
  package let height: Int
}

/// How large an image may announce itself to be. Checked before anything is allocated for it.
package struct ImageLimits: Equatable, Sendable {
  /// Width times height.
  package let pixelCount: Int
  /// Width, and height.
  package let dimension: Int

  /// - Parameters:
  ///   - pixelCount: by default 64 Mi pixels, 192 MiB of decoded RGB.
  ///   - dimension: by default what a JPEG can hold at most.
  package init(pixelCount: Int = 1 << 26, dimension: Int = 65_500) {
    precondition(pixelCount > 0 && dimension > 0, "image limits are positive")
    self.pixelCount = pixelCount
    self.dimension = dimension
  }

  func check(width: Int, height: Int, name: String) throws(ImageError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard width <= dimension, height <= dimension, !overflow, pixels <= pixelCount else {
      throw ImageError(
        .tooLarge, name: name,
        detail: "it announces \(width)x\(height) pixels, the limit is \(pixelCount) pixels"
          + " and \(dimension) a side")
    }
  }
}

/// Decoded pixels, interleaved R, G, B, 8 bits each, rows without padding.
///
/// The memory belongs to the decoder that returned the view and is valid until that decoder's next
/// call, or its end.
package struct RGBView {
  /// `3 * width * height` bytes.
  package let pixels: UnsafePointer<UInt8>
  package let width: Int
  package let height: Int

  package init(pixels: UnsafePointer<UInt8>, width: Int, height: Int) {
    self.pixels = pixels
    self.width = width
    self.height = height
  }

  package var byteCount: Int { 3 * width * height }

  /// The bytes of all rows.
  package var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: pixels, count: byteCount)
  }
}
