import Files
import Glibc

/// An immutable run of bytes, and the object that keeps them alive: a mapped file, a buffer of
/// its own, or an engine's parameter arena. Slices share the owner and copy nothing.
package struct TensorBytes: @unchecked Sendable {
  // Sendable: the bytes are not written while a value refers to them, which `init(_:keeping:)`
  // asks of its caller.
  private let base: UnsafeRawPointer
  package let count: Int
  private let owner: AnyObject

  /// Refers to memory that `owner` keeps alive and that no one writes while this value is in use.
  package init(_ bytes: UnsafeRawBufferPointer, keeping owner: AnyObject) {
    count = bytes.count
    base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!
    self.owner = owner
  }

  /// Copies an array.
  package init<Element: BitwiseCopyable>(_ elements: [Element]) {
    self = elements.withUnsafeBytes { source in
      TensorBytes(count: source.count) { $0.copyMemory(from: source) }
    }
  }

  /// Allocates `count` zeroed bytes, aligned to 64, and fills them.
  package init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let buffer = OwnedBytes(count: count)
    try fill(buffer.bytes)
    self.init(UnsafeRawBufferPointer(buffer.bytes), keeping: buffer)
  }

  /// The bytes `range` of this value; the range must lie inside.
  package subscript(range: Range<Int>) -> TensorBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a slice lies inside")
    return TensorBytes(
      UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count), keeping: owner)
  }

  /// Calls `body` with the bytes. They are aligned as the file has them: load unaligned.
  package func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }
}

extension TensorBytes {
  /// To be called after reading bytes that may be a mapped file's.
  ///
  /// - Throws: `FileError` where the file was cut meanwhile.
  func checkWhole() throws(FileError) { try (owner as? MappedFile)?.checkWhole() }
}

extension MappedFile {
  /// The bytes as a value that keeps the mapping alive.
  var contents: TensorBytes { TensorBytes(bytes, keeping: self) }
}

/// A buffer of its own, freed with the last reference.
private final class OwnedBytes {
  private let allocation: UnsafeMutableRawBufferPointer
  let bytes: UnsafeMutableRawBufferPointer

  init(count: Int) {
    // One byte at least: an empty tensor still has an address.
    allocation = .allocate(byteCount: max(count, 1), alignment: 64)
    memset(allocation.baseAddress!, 0, allocation.count)
    bytes = UnsafeMutableRawBufferPointer(rebasing: allocation[..<count])
  }

  deinit { allocation.deallocate() }
}
