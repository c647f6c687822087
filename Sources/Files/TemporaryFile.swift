import CSystem
import Glibc

/// A file without a name, which the system removes with the process, however that ends.
final class TemporaryFile: Sendable {
  private let folder: String
  private let descriptor: Int32

  init(folder: String) throws(FileError) {
    self.folder = folder
    do throws(FileError) {
      try makeDirectories(folder)
    } catch {
      throw Self.error("make", folder, error.code)
    }
    descriptor = system_open_unnamed_file(folder)
    guard descriptor >= 0 else { throw Self.error("make", folder, -descriptor) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        throw Self.error("write", folder, count == 0 ? EIO : errno)
      }
    }
  }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        throw Self.error("read", folder, count == 0 ? EIO : errno)
      }
    }
  }

  private static func error(_ verb: String, _ folder: String, _ code: Int32) -> FileError {
    FileError(folder, cannot: "\(verb) a temporary file", code: code)
  }
}
