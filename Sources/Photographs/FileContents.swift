import Glibc
import Images

/// Reads whole files into one buffer; one per thread.
package final class FileContents {
  /// No photograph is larger.
  static let byteLimit = 1 << 28

  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)

  package init() {}

  deinit { buffer.deallocate() }

  /// - Parameters:
  ///   - path: bytes as the file system has them, which need not be UTF-8.
  ///   - name: how errors call the file.
  /// - Returns: the file's bytes, valid until the next call.
  package func read(
    _ path: [UInt8], name: String
  ) throws(ImageError) -> UnsafeRawBufferPointer {
    // Without O_NONBLOCK a FIFO under an image's name would never open.
    let descriptor = (path + [0]).withUnsafeBytes { bytes in
      open(
        bytes.bindMemory(to: CChar.self).baseAddress!, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    guard descriptor >= 0 else { throw Self.unreadable(name) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(name) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.unreadable, name: name, detail: "it is not a regular file")
    }
    guard status.st_size <= Self.byteLimit else {
      throw ImageError(
        .tooLarge, name: name,
        detail: "it has \(status.st_size) bytes, at most \(Self.byteLimit) fit")
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
        throw Self.unreadable(name)
      }
      if got == 0 { break }
      count += got
    }
    return UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  private static func unreadable(_ name: String) -> ImageError {
    ImageError(.unreadable, name: name, detail: String(cString: strerror(errno)))
  }
}
