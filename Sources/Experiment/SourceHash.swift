/// SHA-256 of the bytes of the file that a sample was decoded from.
package struct SourceHash: Hashable, Comparable, BitwiseCopyable, Sendable {
  /// Big-endian words, so that hashes sort as their hexadecimal digits do.
  private let a: UInt64
  private let b: UInt64
  private let c: UInt64
  private let d: UInt64

  package static let byteCount = 32

  /// - Parameter bytes: 32 of them.
  package init(bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == Self.byteCount, "a SHA-256 has 32 bytes")
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    (a, b, c, d) = (word(0), word(1), word(2), word(3))
  }

  /// Stands for a file that has not been read.
  package static let zero = [UInt8](repeating: 0, count: byteCount).withUnsafeBytes(SourceHash.init)

  /// The first 8 bytes: enough to tell sources apart, not to prove that they are equal.
  package var prefix: UInt64 { a }

  package var bytes: [UInt8] { withBytes(Array.init) }

  /// Lends the 32 bytes.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try withUnsafeBytes(
      of: (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian), body)
  }

  package static func < (x: Self, y: Self) -> Bool {
    if x.a != y.a { return x.a < y.a }
    if x.b != y.b { return x.b < y.b }
    if x.c != y.c { return x.c < y.c }
    return x.d < y.d
  }
}
