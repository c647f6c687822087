/// Memory of one feature map of a batch: [position][C/64][N][64].
///
/// Every (position, channel block) is one contiguous N×64 matrix: the operand of a GEMM.
struct FeatureMap {
  let pointer: UnsafeMutablePointer<Float>
  let size: MapSize
  /// C/64.
  let blockCount: Int

  /// Floats for a batch of `sampleCount`.
  static func floatCount(size: MapSize, blockCount: Int, sampleCount: Int) -> Int {
    size.positionCount * blockCount * sampleCount * tileWidth
  }

  /// Other memory, as a map of this one's shape.
  func like(_ pointer: UnsafeMutablePointer<Float>) -> FeatureMap {
    FeatureMap(pointer: pointer, size: size, blockCount: blockCount)
  }

  /// Floats from a pixel to the next.
  @inline(__always)
  func positionStride(sampleCount: Int) -> Int { blockCount &* sampleCount &* tileWidth }

  /// The rows from sample `start` on, at a pixel and a block of channels.
  @inline(__always)
  func tile(position: Int, block: Int, sampleCount: Int, start: Int = 0)
    -> UnsafeMutablePointer<Float>
  {
    pointer + ((position &* blockCount &+ block) &* sampleCount &+ start) &* tileWidth
  }

  /// The same, where the channels of another map follow this one's.
  @inline(__always)
  func tile(
    position: Int, block: Int, joinedWith other: FeatureMap?, sampleCount: Int, start: Int
  ) -> UnsafeMutablePointer<Float> {
    if let other, block >= blockCount {
      return other.tile(
        position: position, block: block &- blockCount, sampleCount: sampleCount, start: start)
    }
    return tile(position: position, block: block, sampleCount: sampleCount, start: start)
  }
}
