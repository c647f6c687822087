import Glibc

/// A file mapped into memory, read-only: its pages are read when touched, and a size that a file
/// claims costs nothing until it has been checked.
///
/// The file must not be cut by another program while it is mapped; a replacement by rename, which
/// is how this package writes, is harmless.
final class MappedFile: @unchecked Sendable {
  // Sendable: the mapping is never written and lives as long as the object.
  let path: String
  let bytes: UnsafeRawBufferPointer

  /// - Throws: `ModelFileError` where the path is no readable regular file, or is empty.
  init(path: String) throws(ModelFileError) {
    func fail(_ what: String) -> ModelFileError { ModelFileError(path: path, message: what) }
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw fail("cannot be opened: \(systemMessage(errno))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw fail("cannot be examined: \(systemMessage(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw fail("is not a regular file, expected a file of weights")
    }
    guard status.st_size > 0 else {
      throw fail("is empty, expected a file of weights")
    }
    guard
      let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0),
      address != MAP_FAILED
    else {
      throw fail("cannot be mapped into memory: \(systemMessage(errno))")
    }
    self.path = path
    bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// The bytes as a value that keeps the mapping alive.
  var contents: TensorBytes { TensorBytes(bytes, keeping: self) }
}

/// The system's words for an error number, as in "No such file or directory".
func systemMessage(_ code: Int32) -> String {
  String(cString: strerror(code))
}
