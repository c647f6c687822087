import Faces
import Glibc

/// Reads whole files into one buffer; one per thread.
final class FileContents {
  /// No photograph is larger.
  static let byteLimit = 1 << 28

  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)

  deinit { buffer.deallocate() }

  struct Failure: Error {
    let reason: RejectReason
    let message: String
  }

  /// - Parameter path: bytes as the file system has them, which need not be UTF-8.
  /// - Returns: the file's bytes, valid until the next call.
  func read(_ path: [UInt8]) throws(Failure) -> UnsafeRawBufferPointer {
    // Without O_NONBLOCK a FIFO under an image's name would never open.
    let descriptor = (path + [0]).withUnsafeBytes { bytes in
      open(
        bytes.bindMemory(to: CChar.self).baseAddress!, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    guard descriptor >= 0 else { throw Self.unreadable() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(reason: .unreadable, message: "is not a regular file")
    }
    guard status.st_size <= Self.byteLimit else {
      throw Failure(
        reason: .tooLarge, message: "has \(status.st_size) bytes, at most \(Self.byteLimit) fit")
    }
    // One byte more than expected, so that the end of the file is seen without another call.
    let expected = Int(status.st_size) + 1
    if buffer.count < expected {
      buffer.deallocate()
      buffer = .allocate(byteCount: expected * 2, alignment: 64)
    }
    var count = 0
    while count < expected {
      let got = Glibc.read(descriptor, buffer.baseAddress! + count, expected - count)
      if got < 0 {
        if errno == EINTR { continue }
        throw Self.unreadable()
      }
      if got == 0 { break }
      count += got
    }
    return UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  private static func unreadable() -> Failure {
    Failure(reason: .unreadable, message: "cannot be read: \(String(cString: strerror(errno)))")
  }
}
