/// Hands out the compressed bytes of a PNG's consecutive IDAT chunks, in the blocks in which Pillow
/// feeds them to zlib, so that damaged data fails at the same place. Their checksums are not asked.
struct PNGDataSource {
  private let bytes: UnsafeRawBufferPointer
  private var walker: PNGChunkWalker
  /// The rest of the current chunk that is in the file.
  private var position: Int
  private var remaining: Int

  private static let blockSize = 65_536

  /// - Parameter walker: stands behind `first`.
  init(_ walker: PNGChunkWalker, first: PNGChunk) {
    bytes = walker.bytes
    self.walker = walker
    position = first.offset
    remaining = first.length
  }

  /// The next block, never empty. Throws `truncated` when the data ends, whether the file does or
  /// another chunk begins.
  mutating func next() throws(PNGFault) -> UnsafeRawBufferPointer {
    while remaining == 0 {
      let chunk = try walker.next()
      guard chunk.type == .data else {
        throw PNGFault(
          .truncated, "the image data of the PNG ends at chunk \(chunk.type) before the last row")
      }
      position = chunk.offset
      remaining = chunk.length
    }
    let available = max(0, bytes.count - position)
    let count = min(remaining, available, Self.blockSize)
    guard count > 0 else {
      throw PNGFault(
        .truncated, "the PNG ends at byte \(bytes.count), inside its image data")
    }
    defer {
      position += count
      remaining -= count
    }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
  }

  /// Checks that the chunks behind the image data are whole, as far as they are there.
  ///
  /// A file may end anywhere between chunks; a chunk that has begun must have all its data.
  mutating func finish() throws(PNGFault) {
    while let chunk = try? walker.next(), chunk.type != .end {
      try walker.requireData(of: chunk)
    }
  }
}
