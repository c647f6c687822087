import CBlosc

/// Zarr's `blosc` codec with `lz4hc`, as the columns of a store are written with it. `BloscChunk`
/// reads them, so that a reader needs no Blosc.
///
/// Every call is on the caller's own context and one thread, so that workers do not meet.
package enum BloscCodec {
  static let compressor = "lz4hc"

  /// How a chunk is reordered before it is compressed, by Zarr's name.
  enum Shuffle: String, Sendable {
    case none = "noshuffle"
    case bytes = "shuffle"
    case bits = "bitshuffle"

    fileprivate var code: Int32 {
      switch self {
      case .none: Int32(BLOSC_NOSHUFFLE)
      case .bytes: Int32(BLOSC_SHUFFLE)
      case .bits: Int32(BLOSC_BITSHUFFLE)
      }
    }
  }

  /// Compresses `input` into `output`, which holds at least `bound(input.count)` bytes.
  ///
  /// - Parameters:
  ///   - level: Blosc's 1...9; 9 is LZ4HC's own 9.
  ///   - itemByteCount: 1 for pixels; a name's width for the column of names.
  /// - Returns: the bytes written.
  static func compress(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
    level: Int32 = 9, itemByteCount: Int, shuffle: Shuffle
  ) -> Int {
    precondition(output.count >= bound(input.count))
    let written = blosc_compress_ctx(
      level, shuffle.code, itemByteCount, input.count, input.baseAddress, output.baseAddress,
      output.count, compressor, 0, 1)
    precondition(written > 0, "Blosc did not compress into a buffer of its own stated bound")
    return Int(written)
  }

  package static func bound(_ byteCount: Int) -> Int { byteCount + Int(BLOSC_MAX_OVERHEAD) }
}
