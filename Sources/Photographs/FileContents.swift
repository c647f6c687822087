import Glibc
import Images

/// Reads whole files into one buffer; one per thread.
package final class FileContents {
  /// No photograph is larger.
  static let byteLimit = 1 << 28

  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)

  package init() {}

  deinit { buffer.deallocate() }

  /// A file that is being written is read again so many times.
  private static let attempts = 5

  /// - Parameters:
  ///   - path: bytes as the file system has them, which need not be UTF-8.
  ///   - name: how errors call the file.
  /// - Returns: the file's bytes at one moment, valid until the next call.
  package func read(
    _ path: [UInt8], name: String
  ) throws(ImageError) -> UnsafeRawBufferPointer {
    for _ in 0..<Self.attempts {
      if let bytes = try readOnce(path, name: name) { return bytes }
    }
    throw ImageError(
      .unreadable, name: name, detail: "it changes while it is being read", code: EBUSY)
  }

  /// Nil where the file changed meanwhile.
  private func readOnce(
    _ path: [UInt8], name: String
  ) throws(ImageError) -> UnsafeRawBufferPointer? {
    // Without O_NONBLOCK a FIFO under an image's name would never open.
    let descriptor = Self.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else {
      let code = errno
      var status = stat()
      // What a folder names and cannot be opened as missing is a link, or gone since it was listed.
      if code == ENOENT, Self.withPath(path, { lstat($0, &status) }) == 0 {
        throw ImageError(
          .unreadable, name: name, detail: "it is a link to a file that does not exist")
      }
      throw Self.unreadable(name, code)
    }
    defer { close(descriptor) }
    var before = stat()
    guard fstat(descriptor, &before) == 0 else { throw Self.unreadable(name, errno) }
    guard before.st_mode & S_IFMT == S_IFREG else {
      throw ImageError(.unreadable, name: name, detail: "it is not a regular file")
    }
    guard before.st_size <= Self.byteLimit else {
      throw ImageError(
        .tooLarge, name: name,
        detail: "it has \(before.st_size) bytes, at most \(Self.byteLimit) fit")
    }
    // One byte more than expected, so that the end of the file is seen without another call.
    let expected = Int(before.st_size) + 1
    if buffer.count < expected {
      buffer.deallocate()
      buffer = .allocate(byteCount: expected * 2, alignment: 64)
    }
    var count = 0
    while count < expected {
      let got = Glibc.read(descriptor, buffer.baseAddress! + count, expected - count)
      if got < 0 {
        if errno == EINTR { continue }
        throw Self.unreadable(name, errno)
      }
      if got == 0 { break }
      count += got
    }
    var after = stat()
    guard fstat(descriptor, &after) == 0 else { throw Self.unreadable(name, errno) }
    guard count == Int(before.st_size), after.st_size == before.st_size,
      after.st_mtim.tv_sec == before.st_mtim.tv_sec,
      after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  private static func withPath<Result>(
    _ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    (path + [0]).withUnsafeBytes { body($0.bindMemory(to: CChar.self).baseAddress!) }
  }

  private static func unreadable(_ name: String, _ code: CInt) -> ImageError {
    ImageError(.unreadable, name: name, detail: String(cString: strerror(code)), code: code)
  }
}
