/// A file format of images: how its files begin and are called, and what reads and writes it.
///
/// A format that is read or written is one file and one line of ``all``. A format that is only
/// recognized, so that a message can name it, is one line. The first bytes decide, never a name.
package struct ImageFormat: Sendable {
  /// With its article: "a WebP image".
  package let title: String
  /// How names of its files end, in lower case, without the dot; the usual one first.
  package let extensions: [String]
  /// Bytes that a file may begin with; nil stands for any byte.
  private let signatures: [[UInt8?]]
  /// Makes a decoder for one thread; nil where the format is not read.
  let makeReader: (@Sendable () -> any ImageReader)?
  /// Finds the EXIF block of a file.
  let exif: (@Sendable (UnsafeRawBufferPointer) -> UnsafeRawBufferPointer?)?
  /// Makes a file of an image; nil where the format is not written.
  package let encode: (@Sendable (RGBImage) throws -> [UInt8])?

  static let all = [
    ImageFormat(
      "a JPEG image", "jpg jpeg jpe jfif", "FF D8 FF", reader: { JPEGReader() },
      exif: JPEGReader.exif, encode: { try JPEGWriter(subsampling: .none).encode($0) }),
    ImageFormat(
      "a PNG image", "png", "89 50 4E 47 0D 0A 1A 0A", reader: { PNGReader() },
      exif: PNGFile.exif, encode: { try PNGWriter.encode($0) }),
    ImageFormat("a WebP image", "webp", "52 49 46 46 ?? ?? ?? ?? 57 45 42 50"),
    ImageFormat("a GIF image", "gif", "47 49 46 38"),
    ImageFormat("a BMP image", "bmp dib", "42 4D ?? ?? ?? ?? 00 00 00 00"),
    ImageFormat(
      "a TIFF image", "tif tiff", "49 49 2A 00", "4D 4D 00 2A", "49 49 2B 00", "4D 4D 00 2B"),
    ImageFormat(
      "an AVIF image", "avif", "?? ?? ?? ?? 66 74 79 70 61 76 69 66",
      "?? ?? ?? ?? 66 74 79 70 61 76 69 73"),
    ImageFormat(
      "a HEIC image", "heic heif", "?? ?? ?? ?? 66 74 79 70 68 65 69",
      "?? ?? ?? ?? 66 74 79 70 68 65 76", "?? ?? ?? ?? 66 74 79 70 6D 69 66 31",
      "?? ?? ?? ?? 66 74 79 70 6D 73 66 31"),
    ImageFormat("a JPEG XL image", "jxl", "FF 0A", "00 00 00 0C 4A 58 4C 20"),
    ImageFormat("a JPEG 2000 image", "jp2 j2k", "00 00 00 0C 6A 50 20 20", "FF 4F FF 51"),
    ImageFormat("a Photoshop (PSD) image", "psd", "38 42 50 53"),
    ImageFormat("an SVG drawing", "svg", "3C 73 76 67", "3C 3F 78 6D 6C"),
    ImageFormat("an icon (ICO)", "ico", "00 00 01 00"),
    ImageFormat(
      "a PNM image", "ppm pgm pbm pnm", "50 36 0A", "50 36 20", "50 35 0A", "50 35 20", "50 34 0A",
      "50 33 0A", "50 32 0A", "50 31 0A"),
    ImageFormat("an OpenEXR image", "exr", "76 2F 31 01"),
    ImageFormat("a QOI image", "qoi", "71 6F 69 66"),
    ImageFormat("a PDF document", "pdf", "25 50 44 46 2D"),
    ImageFormat("a ZIP archive", "zip", "50 4B 03 04"),
    ImageFormat("a gzip archive", "gz tgz", "1F 8B 08"),
    ImageFormat("a macOS AppleDouble file", "", "00 05 16 07"),
    ImageFormat("an HTML page", "html htm", "3C 21 44 4F 43 54 59 50 45", "3C 68 74 6D 6C"),
  ]

  /// - Parameters:
  ///   - extensions: separated by spaces.
  ///   - signatures: bytes in hexadecimal, `??` for any.
  private init(
    _ title: String, _ extensions: String, _ signatures: String...,
    reader: (@Sendable () -> any ImageReader)? = nil,
    exif: (@Sendable (UnsafeRawBufferPointer) -> UnsafeRawBufferPointer?)? = nil,
    encode: (@Sendable (RGBImage) throws -> [UInt8])? = nil
  ) {
    self.title = title
    self.extensions = extensions.split(separator: " ").map(String.init)
    self.signatures = signatures.map { $0.split(separator: " ").map { UInt8($0, radix: 16) } }
    makeReader = reader
    self.exif = exif
    self.encode = encode
  }

  /// The place in ``all`` of the format that a file begins like, or nil.
  static func index(of bytes: UnsafeRawBufferPointer) -> Int? {
    all.firstIndex { format in
      format.signatures.contains { signature in
        bytes.count >= signature.count
          && zip(signature, bytes).allSatisfy { $0.0 == nil || $0.0 == $0.1 }
      }
    }
  }

  /// Whether an extension (any case, without the dot) is one of files that are read.
  package static func isRead(extension letters: ArraySlice<UInt8>) -> Bool {
    contains(readable, letters)
  }

  /// Whether an extension is one of images of a format that is not read.
  package static func isUnsupported(extension letters: ArraySlice<UInt8>) -> Bool {
    contains(unsupported, letters)
  }

  /// The format that a file's name asks for; nil where that is not one that is written.
  package static func written(to path: String) -> ImageFormat? {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    let letters = Array(path.utf8[path.utf8.index(after: dot)...])
    return all.first {
      $0.encode != nil && contains($0.extensions.map { Array($0.utf8) }, letters[...])
    }
  }

  private static let readable = names { $0.makeReader != nil }
  private static let unsupported = names { $0.makeReader == nil }

  private static func names(_ isMeant: (ImageFormat) -> Bool) -> [[UInt8]] {
    all.filter(isMeant).flatMap(\.extensions).map { Array($0.utf8) }
  }

  /// Every file of a folder is asked for: a search without an allocation.
  private static func contains(_ names: [[UInt8]], _ letters: ArraySlice<UInt8>) -> Bool {
    names.contains { name in
      name.count == letters.count
        && zip(name, letters).allSatisfy { $0 == ((0x41...0x5A).contains($1) ? $1 | 0x20 : $1) }
    }
  }
}

/// Decodes one format; belongs to one thread.
protocol ImageReader: AnyObject {
  /// - Parameters:
  ///   - name: how errors call the image.
  ///   - buffer: where the pixels may go.
  func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, into buffer: ScratchBuffer
  ) throws(ImageError) -> RGBView
}
