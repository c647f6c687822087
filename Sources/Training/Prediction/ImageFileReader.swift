import Foundation
import ImageCodecs

/// Reads image files as `utk-prep build` does: decoded, resized, planar R, G, B. One per thread.
final class ImageFileReader {
  private let decoder = ImageDecoder()
  private let resampler: Resampler

  /// - Parameter size: width and height that every image is resized to, in pixels.
  init(size: Int) {
    resampler = Resampler(outputSize: size)
  }

  /// Bytes of one image, 3·size·size.
  var byteCount: Int { resampler.outputByteCount }

  /// - Parameter planes: gets `byteCount` bytes; what is in them after an error is undefined.
  func read(
    _ path: String, into planes: UnsafeMutableBufferPointer<UInt8>
  ) throws(TrainingError) {
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path, isDirectory: false))
      try data.withUnsafeBytes { bytes in
        resampler.resample(try decoder.decode(bytes, name: path), into: planes)
      }
    } catch let error as ImageError {
      throw TrainingError(error.description)
    } catch {
      throw TrainingError("\(path) cannot be read: \(reason(error))")
    }
  }
}
