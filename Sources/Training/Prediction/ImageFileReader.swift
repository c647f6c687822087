import Files
import Foundation
import Glibc
import Images

/// Reads image files as `utk-prep build` does: decoded, resized, planar R, G, B. One per thread.
final class ImageFileReader {
  /// No photograph is larger.
  private static let byteLimit = 1 << 28

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
    // Opening a named pipe would wait for a writer, and a device may never end.
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw TrainingError("\(path) cannot be read: \(systemWords(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.byteLimit else {
      throw TrainingError(
        "\(path) cannot be read: expected an image file of at most \(Self.byteLimit) bytes, got "
          + (status.st_mode & S_IFMT == S_IFREG ? "\(status.st_size)" : "no regular file"))
    }
    do {
      try readFile(path, limit: Self.byteLimit).withUnsafeBytes { bytes in
        resampler.resample(try decoder.decode(bytes, name: path), into: planes)
      }
    } catch let error as ImageError {
      throw TrainingError(error.description)
    } catch {
      throw TrainingError("\(error)")
    }
  }
}
