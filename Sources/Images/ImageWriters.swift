import CJPEG
import CPNG

/// Why an image could not be encoded: it is too large for the format, or memory is short.
package struct ImageEncodingError: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String
}

/// Encodes RGB as PNG: 8 bits a channel, no interlacing, libpng's standard compression.
package enum PNGWriter {
  package static func encode(_ image: RGBImage) throws(ImageEncodingError) -> [UInt8] {
    guard let width = UInt32(exactly: image.width), let height = UInt32(exactly: image.height)
    else { throw tooLarge(image) }
    var limit = 0
    var message = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_SIZE))
    _ = cpng_write_rgb(image.pixels, width, height, nil, &limit, &message)
    var status: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = limit
      status = cpng_write_rgb(image.pixels, width, height, buffer.baseAddress, &count, &message)
      if status != 0 { count = 0 }
    }
    guard status == 0 else {
      let reason = String(
        decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw ImageEncodingError(
        description: "libpng cannot write an image of \(image.width)x\(image.height): \(reason)")
    }
    return bytes
  }
}

/// Encodes RGB as baseline JPEG. One writer belongs to one thread and keeps its libjpeg object.
package final class JPEGWriter {
  /// How the color differences are sampled.
  package enum Subsampling: Sendable {
    /// 4:2:0, a quarter as many as brightness samples: what cameras and UTKFace use.
    case quarter
    /// 4:4:4, as many.
    case none
  }

  private let encoder: OpaquePointer
  private let quality: Int32
  private let subsampling: Subsampling

  /// - Parameter quality: libjpeg's scale, 1...100.
  package init(quality: Int = 90, subsampling: Subsampling = .quarter) {
    precondition((1...100).contains(quality), "JPEG quality is 1...100, not \(quality)")
    guard let encoder = cjpeg_encoder_create() else {
      preconditionFailure("no memory for a JPEG encoder")
    }
    self.encoder = encoder
    self.quality = Int32(quality)
    self.subsampling = subsampling
  }

  deinit { cjpeg_encoder_destroy(encoder) }

  /// The file of one image; the same bytes for the same pixels, quality and libjpeg.
  package func encode(_ image: RGBImage) throws(ImageEncodingError) -> [UInt8] {
    guard let width = UInt32(exactly: image.width), let height = UInt32(exactly: image.height)
    else { throw tooLarge(image) }
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    let status = cjpeg_encoder_encode(
      encoder, image.pixels, width, height, 3 * image.width, quality,
      subsampling == .quarter ? 1 : 0, &bytes, &count)
    guard status == CJPEG_OK, let bytes else {
      let reason = String(cString: cjpeg_encoder_message(encoder))
      throw ImageEncodingError(
        description: "libjpeg cannot write an image of \(image.width)x\(image.height): \(reason)")
    }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }
}

private func tooLarge(_ image: RGBImage) -> ImageEncodingError {
  ImageEncodingError(
    description: "an image of \(image.width)x\(image.height) is too large to encode")
}
