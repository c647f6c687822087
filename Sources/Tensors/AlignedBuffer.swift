import Glibc

/// The system refused memory: a batch or an image is too large for this machine, or for a limit.
package struct MemoryError: Error, Equatable, CustomStringConvertible {
  package let byteCount: Int

  package var description: String {
    "the system has no \(byteCount / 1_000_000) MB of memory left; use a smaller --batch-size or "
      + "--size, or raise the limit (ulimit -v, or the container's)"
  }
}

/// Zeroed memory for floats, aligned for vector loads, that lives as long as its last reference.
///
/// ```swift
/// let activations = try AlignedBuffer(count: 64 * 64)
/// activations.pointer[0] = 1
/// ```
///
/// Pages that are never written stay unmapped: a large buffer costs what is used of it. Large
/// buffers ask for huge pages, which spares the address translation of the training step.
///
/// Sharing: the class synchronizes nothing. Who hands a buffer to several threads gives each its
/// own part, or orders the accesses.
package final class AlignedBuffer: @unchecked Sendable {
  /// Floats in the buffer.
  package let count: Int
  /// The first float, aligned to 64 bytes; to 2 MiB in large buffers.
  package let pointer: UnsafeMutablePointer<Float>

  private let mappedByteCount: Int

  private static let hugePage = 2 << 20

  /// Maps room for `count` floats, all zero.
  ///
  /// - Precondition: `count` is not negative.
  /// - Throws: where the system refuses the memory.
  package init(count: Int) throws(MemoryError) {
    precondition(count >= 0, "a buffer has a count of 0 or more, not \(count)")
    self.count = count
    let size = max(count, 1) * MemoryLayout<Float>.stride
    let large = size >= AlignedBuffer.hugePage
    let granule = large ? AlignedBuffer.hugePage : 4096
    let needed = (size + granule - 1) / granule * granule
    // One granule more, to cut the front at the alignment.
    let mapped = large ? needed + granule : needed
    let raw = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let raw, raw != MAP_FAILED else {
      throw MemoryError(byteCount: mapped)
    }
    var base = UInt(bitPattern: raw)
    if large {
      let aligned = (base + UInt(granule) - 1) / UInt(granule) * UInt(granule)
      let front = Int(aligned - base)
      if front > 0 { munmap(raw, front) }
      let back = mapped - front - needed
      if back > 0 { munmap(UnsafeMutableRawPointer(bitPattern: aligned + UInt(needed)), back) }
      base = aligned
      // A refusal costs speed only.
      madvise(UnsafeMutableRawPointer(bitPattern: base), needed, MADV_HUGEPAGE)
    }
    mappedByteCount = needed
    guard let start = UnsafeMutableRawPointer(bitPattern: base) else {
      preconditionFailure("mmap returned page zero")
    }
    pointer = start.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { munmap(pointer, mappedByteCount) }

  /// All floats of the buffer.
  package var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
