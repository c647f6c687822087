import CSystem
import Glibc

/// A file mapped into memory, read-only: its pages are read when touched, and a size that a file
/// claims costs nothing until it has been checked.
///
/// Another program may cut the file while it is mapped. What is then missing reads as zeros, and
/// `checkWhole()`, which whoever uses bytes calls after reading them, throws.
package final class MappedFile: @unchecked Sendable {
  // Sendable: the mapping is never written and lives as long as the object.
  package let path: String
  package let bytes: UnsafeRawBufferPointer
  private let mapping: OpaquePointer?

  /// - Parameters:
  ///   - folder: the descriptor of the folder that a relative path is relative to.
  ///   - limit: a larger file is refused before it is mapped.
  /// - Throws: `FileError` where there is no such file, it is not a regular one, or it cannot be
  ///   read.
  package init(
    path: String, in folder: Int32 = AT_FDCWD, limit: Int = .max
  ) throws(FileError) {
    self.path = path
    // Without O_NONBLOCK a FIFO in a file's place would never open.
    let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(path, cannot: "open") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, cannot: "examine") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path, whatIsNoFile(status.st_mode))
    }
    let count = Int(status.st_size)
    guard count <= limit else {
      throw FileError(path, "has \(count) bytes, more than the \(limit) expected")
    }
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      mapping = nil
      return
    }
    guard let base = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED
    else { throw FileError(path, cannot: "map") }
    guard let mapping = system_guard_mapping(base, count) else {
      munmap(base, count)
      throw FileError(path, cannot: "map", code: ENOMEM)
    }
    self.mapping = mapping
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit {
    guard let mapping else { return }
    system_end_mapping(mapping)
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Gives the memory back that the pages read so far take; they are read again when touched.
  package func releaseMemory() {
    guard isWhole, let base = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
  }

  /// Sees to it that a file that is cut does not end the process, where something else in the process
  /// may have installed a handler of SIGBUS since the file was mapped.
  package static func keepGuard() { system_keep_guard() }

  /// Whether all bytes that were read so far were the file's.
  package var isWhole: Bool { mapping.map { system_mapping_is_cut($0) == 0 } ?? true }

  /// - Throws: `FileError` where bytes that were read so far were not the file's.
  package func checkWhole() throws(FileError) {
    guard isWhole else {
      throw FileError(
        path,
        "was cut short, or its disk failed, while it was being read; restore the file and run the "
          + "same command again")
    }
  }
}
