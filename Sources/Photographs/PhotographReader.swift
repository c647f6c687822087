import Images

/// Makes a photograph the square of planes that a network sees: read, decoded, resized. One per
/// thread.
package final class PhotographReader {
  private let upright: Bool
  private let contents = FileContents()
  private let decoder = ImageDecoder()
  private let resampler: Resampler

  /// - Parameters:
  ///   - size: width and height that every image is resized to, in pixels.
  ///   - upright: whether an EXIF orientation is applied; the pixels are those stored if not.
  package init(size: Int, upright: Bool) {
    self.upright = upright
    resampler = Resampler(outputSize: size)
  }

  /// Bytes of one image, 3·size·size.
  package var byteCount: Int { resampler.outputByteCount }

  /// - Parameters:
  ///   - name: how errors call the photograph.
  ///   - planes: gets `byteCount` bytes: all red, all green, all blue. What is in them after an
  ///     error is undefined.
  package func read(
    _ content: Photograph.Content, name: String, into planes: UnsafeMutableBufferPointer<UInt8>
  ) throws(ImageError) {
    switch content {
    case .file(let path):
      try make(planes, of: try contents.read(path, name: name), name: name)
    case .bytes(let bytes):
      // A closure of the standard library's would lose the type of the error.
      let outcome: Result<Void, ImageError> = bytes.withUnsafeBytes { bytes in
        do throws(ImageError) {
          return .success(try make(planes, of: bytes, name: name))
        } catch {
          return .failure(error)
        }
      }
      try outcome.get()
    }
  }

  private func make(
    _ planes: UnsafeMutableBufferPointer<UInt8>, of bytes: UnsafeRawBufferPointer, name: String
  ) throws(ImageError) {
    resampler.resample(try decoder.decode(bytes, name: name, upright: upright), into: planes)
  }
}
